// SPDX-License-Identifier: AGPL-3.0-or-later

// How long somebody has looked at hard material since the last break. It is
// known in this tab only, and nobody is told.

/** Strain adds up time of looking. Times are in milliseconds, from any clock that only goes forward. */
export class Strain {
  private looked = 0;
  private since: number | undefined;

  constructor(private readonly now: () => number, private readonly limit: () => number) {}

  /** start begins to look; again changes nothing. */
  start(): void {
    this.since ??= this.now();
  }

  /** stop ends looking, as when the page is hidden. */
  stop(): void {
    this.looked = this.total();
    this.since = undefined;
  }

  /** rested forgets what was: a break was taken, or the reminder was put away. */
  rested(): void {
    this.looked = 0;
    if (this.since !== undefined) this.since = this.now();
  }

  /** left is how long until a break is due; 0 when it is. */
  left(): number {
    return Math.max(0, this.limit() - this.total());
  }

  /** looking reports whether time runs. */
  get looking(): boolean {
    return this.since !== undefined;
  }

  private total(): number {
    return this.looked + (this.since === undefined ? 0 : this.now() - this.since);
  }
}
