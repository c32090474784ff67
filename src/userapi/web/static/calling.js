// Calling operations of the document that the page shows.

const UNREACHABLE = "The service cannot be reached.";

export function hasOperation(system, id) {
  return findOperation(system, id) !== undefined;
}

// Return what the operation answers; throw an `Error` in words for people.
export async function call(system, id, { body, token }) {
  const { method, url } = findOperation(system, id);
  const headers = {};
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  if (token !== undefined) {
    headers.Authorization = `Bearer ${token}`;
  }
  let response;
  try {
    response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Error(UNREACHABLE);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new Error(inWords(answer, response));
  }
  return answer;
}

function findOperation({ specSelectors }, id) {
  const { paths = {}, servers = [] } = specSelectors.specJson().toJS();
  const root = (servers[0]?.url ?? "").replace(/\/$/, "");
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      if (operation.operationId === id) {
        return { method: method.toUpperCase(), url: `${root}${path}` };
      }
    }
  }
  return undefined;
}

function inWords(problem, response) {
  if (typeof problem?.detail !== "string") {
    return `The service answered ${response.status}.`;
  }
  const mistakes = (problem.errors ?? []).map(
    ({ pointer, parameter, detail }) => `${pointer?.slice(1) ?? parameter ?? "body"}: ${detail}`,
  );
  const seconds = response.headers.get("Retry-After");
  const wait = seconds === null ? [] : [`Try again in ${seconds} s.`];
  return [problem.detail, ...mistakes, ...wait].join(" ").replaceAll("`", "");
}
