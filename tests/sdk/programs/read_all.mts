// Reads every kind of answer with the generated client, at each address that it is given. Prints one
// line of JSON for each address: what was read, or the error that ended it.
import {
  client, createPost, getCurrentUser, getJwks, getLiveness, getPost, getUser, listOwnEvents, listPosts,
  listSessions, listUsers, login, logout, refresh, register, revokeOtherSessions, setUserRole, updateUser,
} from "userapi-client";

declare const process: { argv: string[] };
type Answer<T> = { data: T; error?: unknown; response: Response };

const password = "correct horse battery";
let read: unknown[] = [];

function keep(answer: { data?: unknown; error?: unknown; response: Response }): void {
  const { status, headers } = answer.response;
  read.push([status, Object.fromEntries(headers), answer.data ?? answer.error]);
}

function done<T>(answer: Answer<T>): NonNullable<T> {
  keep(answer);
  if (!answer.response.ok || answer.data === undefined || answer.data === null) {
    throw new Error(JSON.stringify(read.at(-1)));
  }
  return answer.data;
}

function refused(answer: { data?: unknown; error?: unknown; response: Response }): void {
  keep(answer);
  if (answer.response.ok || answer.error === undefined) {
    throw new Error(JSON.stringify(read.at(-1)));
  }
}

async function story(): Promise<void> {
  done(await getLiveness());
  done(await getJwks());
  const email = `ada-${crypto.randomUUID()}@example.com`;
  const ada = { email, password, first_name: "Ada", last_name: "Lovelace" };
  const user = done(await register({ body: ada }));
  if (!("id" in user)) {
    throw new Error(JSON.stringify(user)); // it waits for proof: the service was set up otherwise
  }
  refused(await register({ body: ada }));
  refused(await register({ body: { ...ada, email: "nobody" } }));
  refused(await login({ body: { email, password: "wrong" } }));
  const tokens = done(await login({ body: { email, password } }));
  client.setConfig({ auth: tokens.access_token });
  await edit(user.id);
  await publish();
  const renewed = done(await refresh({ auth: tokens.refresh_token }));
  client.setConfig({ auth: renewed.access_token });
  done(await listSessions());
  done(await listOwnEvents());
  done(await revokeOtherSessions());
  done(await logout());
  refused(await getCurrentUser());
}

async function edit(user_id: number): Promise<void> {
  const me = await getCurrentUser();
  // What nobody knows yet has to be a value of the type.
  const isLater = done(me).role === "not-known-yet:role";
  const path = { user_id };
  const change = { path, headers: { "If-Match": me.response.headers.get("ETag") ?? "" } };
  const changed = done(await updateUser({ ...change, body: { first_name: "Augusta" } }));
  if (isLater !== (changed.role === "not-known-yet:role")) {
    throw new Error(`the role is ${changed.role}`);
  }
  refused(await updateUser({ ...change, body: { first_name: "Augusta" } }));
  refused(await getUser({ path: { user_id: 1e9 } }));
  refused(await setUserRole({ path, body: { role: "admin" } }));
  done(await listUsers({ query: { per_page: 2 } }));
}

async function publish(): Promise<void> {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const draft = { title: "Engines", content: "They weave." };
  const post = done(await createPost({ body: draft, headers }));
  refused(await createPost({ body: { ...draft, title: "Looms" }, headers }));
  done(await getPost({ path: { post_id: post.id } }));
  done(await listPosts({ query: { per_page: 2 } }));
}

for (const baseUrl of process.argv.slice(2)) {
  read = [];
  client.setConfig({ baseUrl, auth: undefined });
  try {
    await story();
    console.log(JSON.stringify(read));
  } catch (error) {
    console.log(JSON.stringify(String(error)));
  }
}
