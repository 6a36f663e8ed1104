// SPDX-License-Identifier: AGPL-3.0-or-later

// Going from page to page without leaving the document, so that opened keys
// stay in memory. The server makes whole pages; this puts the next one's body
// in the place of the present one's. Whatever goes wrong falls back to an
// ordinary visit, which costs no more than unlocking again.

type Show = () => void;

let shown: Show = () => undefined;
let visits = 0; // of two that are under way the later one counts, whichever page comes first

/** start takes over links and forms of this site; show runs after each change of page. */
export function start(show: Show): void {
  shown = show;
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  addEventListener("popstate", () => void visit(location.href, { push: false }));
}

/** visit shows the page at an address. */
export async function visit(address: string, how: { push?: boolean; body?: URLSearchParams } = {}): Promise<void> {
  let page: Document;
  let at: string;
  const mine = ++visits;
  try {
    [page, at] = await load(address, how.body);
  } catch {
    if (mine !== visits) return;
    if (how.body === undefined) location.assign(address);
    else location.reload();
    return;
  }
  if (mine !== visits) return;
  if (how.push !== false) history.pushState(null, "", at);
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.documentElement.dir = page.documentElement.dir;
  document.body.replaceWith(document.adoptNode(page.body));
  shown();
  scrollTo(0, 0);
  if (document.activeElement !== document.body) return; // the page has put the focus where work begins
  const heading = document.querySelector<HTMLElement>(".govuk-error-summary, main h1, main");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}

/** load asks for a page. XMLHttpRequest parses it without running anything. */
function load(address: string, body?: URLSearchParams): Promise<[Document, string]> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(body === undefined ? "GET" : "POST", address);
    request.responseType = "document";
    request.setRequestHeader("Accept", "text/html");
    request.onerror = reject;
    request.onload = () => {
      const page = request.responseXML;
      const same = new URL(request.responseURL || address, location.href);
      if (page === null || page.querySelector("main") === null || same.origin !== location.origin) {
        reject(new Error("not a page of this site"));
        return;
      }
      resolve([page, same.pathname + same.search + (new URL(address, location.href).hash)]);
    };
    request.send(body);
  });
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.origin !== location.origin || link.hasAttribute("download") || link.hasAttribute("data-hard") || link.target !== "") return;
  if (link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  void visit(link.href);
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.hasAttribute("data-hard")) return;
  event.preventDefault();
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, event.submitter)) fields.append(name, String(value));
  const action = new URL(form.getAttribute("action") ?? location.href, location.href);
  if (form.method === "post") {
    void visit(action.href, { body: fields });
    return;
  }
  action.search = fields.toString();
  void visit(action.href);
}
