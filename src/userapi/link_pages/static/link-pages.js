// What a page does that the link of a mail leads to: it asks, and sends the link's token on a click.
//
// The token is only in the page's memory. It comes in the fragment of the address, which no browser
// sends to a server, and it is taken out of there at once: no history, no screen and no bookmark
// has it. All that is said stands in the page; here it is only shown.

const TIMEOUT_MILLISECONDS = 30_000;

const main = document.querySelector("main");
const form = main.querySelector("form");
const button = form.querySelector("button");
const working = form.querySelector(".working");
const trouble = form.querySelector(".trouble");
const words = document.querySelector("#words").content;

let token = "";
let isBusy = false;

function takeToken() {
  const taken = decoded(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  return taken;
}

function decoded(fragment) {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function begin() {
  token = takeToken();
  form.reset();
  form.querySelectorAll("[data-reveals]").forEach(reveal);
  clearMistakes();
  show(token === "" ? "incomplete" : "question", { isFirst: true });
}

function show(id, { isFirst = false } = {}) {
  for (const section of main.querySelectorAll("section")) {
    section.hidden = section.id !== id;
  }
  if (!isFirst) {
    main.querySelector(`#${id} h1`).focus();
  }
}

async function send(event) {
  event.preventDefault();
  if (isBusy) {
    return;
  }
  clearMistakes();
  const missing = [...form.elements].filter((field) => field.required && field.value === "");
  if (missing.length > 0) {
    showMistakes(missing.map(({ name }) => ({ name, code: "required" })));
    return;
  }
  const sent = token;
  setBusy(true);
  const answer = await post({ ...Object.fromEntries(new FormData(form)), [main.dataset.token]: sent });
  setBusy(false);
  if (sent === token) {
    conclude(answer);
  }
}

async function post(body) {
  try {
    const response = await fetch(main.dataset.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    return { response, problem: response.ok ? null : await response.json().catch(() => null) };
  } catch {
    return { response: null, problem: null };
  }
}

function conclude({ response, problem }) {
  const mistakes = (problem?.errors ?? []).map(mistakeOf);
  if (response === null) {
    trouble.textContent = word("unreachable");
  } else if (response.ok) {
    token = "";
    form.reset();
    show("done");
  } else if (problem?.code === "link-invalid" || mistakes.some(({ name }) => name === main.dataset.token)) {
    show("invalid");
  } else if (mistakes.some(({ name }) => fieldOf(name) !== null)) {
    showMistakes(mistakes);
  } else {
    trouble.textContent = inWords(response, problem);
  }
}

function mistakeOf({ pointer = "", code, detail }) {
  return { name: pointer.slice(1), code, detail };
}

function inWords(response, problem) {
  const known = find("trouble", problem?.code);
  if (known !== null) {
    return known;
  }
  const seconds = Number(response.headers.get("Retry-After"));
  if (response.status === 429 && seconds > 0) {
    return word("too-many").replace("{time}", inTime(seconds));
  }
  return word(response.status === 429 || response.status === 503 ? "unavailable" : "refused");
}

function inTime(seconds) {
  const [value, unit] = seconds < 100 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  const style = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(value);
}

function showMistakes(mistakes) {
  for (const { name, code, detail } of mistakes) {
    const field = fieldOf(name);
    if (field !== null) {
      field.setAttribute("aria-invalid", "true");
      form.querySelector(`#${name}-mistake`).textContent = find("mistake", code) ?? detail;
    }
  }
  form.querySelector("[aria-invalid]")?.focus();
}

function clearMistakes() {
  trouble.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    form.querySelector(`#${field.name}-mistake`).textContent = "";
  }
}

function setBusy(value) {
  isBusy = value;
  // Not `disabled`: that would take the focus away.
  button.setAttribute("aria-disabled", String(value));
  working.textContent = value ? word("working") : "";
}

function reveal(box) {
  fieldOf(box.dataset.reveals).type = box.checked ? "text" : "password";
}

function fieldOf(name) {
  return [...form.elements].find((field) => field.name !== "" && field.name === name) ?? null;
}

function word(name) {
  return find("word", name);
}

function find(kind, name) {
  const found = [...words.querySelectorAll(`[data-${kind}]`)].find(
    (element) => element.dataset[kind] === name,
  );
  return found?.textContent ?? null;
}

form.addEventListener("submit", send);
for (const box of form.querySelectorAll("[data-reveals]")) {
  box.addEventListener("change", () => reveal(box));
}
// Another link that is opened in the same tab.
addEventListener("hashchange", () => location.hash.length > 1 && begin());
begin();
