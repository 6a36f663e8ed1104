// SPDX-License-Identifier: AGPL-3.0-or-later

// Finding and making elements. Text is only ever set as text: the policy of
// the desk's pages forbids a script to turn a string into markup.

/** find returns the first element that fits, and throws when there is none. */
export function find<T extends Element = HTMLElement>(within: ParentNode, selector: string): T {
  const found = within.querySelector<T>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

/** maybe returns the first element that fits, or null. */
export function maybe<T extends Element = HTMLElement>(within: ParentNode, selector: string): T | null {
  return within.querySelector<T>(selector);
}

/** all returns every element that fits. */
export function all<T extends Element = HTMLElement>(within: ParentNode, selector: string): T[] {
  return [...within.querySelectorAll<T>(selector)];
}

/** make returns a new element with attributes and children; strings are text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** typing reports whether a key press belongs to a field. */
export function typing(event: KeyboardEvent): boolean {
  const at = event.target;
  return at instanceof HTMLElement && (at.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName));
}
