// Signing in with an address and a password, above the operations. The tokens are only in the
// page's memory, where Swagger UI has them, too.

import { call, hasOperation } from "./calling.js";

const ACCESS = "bearerAuth";
const REFRESH = "refreshAuth";

export const signingIn = {
  wrapComponents: {
    FilterContainer: (FilterContainer, system) => {
      const { createElement, Fragment } = system.React;
      const SignIn = signInOf(system);
      return function WithSignIn(props) {
        return createElement(
          Fragment,
          null,
          hasOperation(system, "login") && createElement(SignIn),
          createElement(FilterContainer, props),
        );
      };
    },
  },
};

function signInOf(system) {
  const { createElement, useEffect, useState } = system.React;

  return function SignIn() {
    const [session, setSession] = useState(null);
    const [message, setMessage] = useState("");
    const [isBusy, setBusy] = useState(false);

    async function attempt(work) {
      setBusy(true);
      setMessage("");
      try {
        await work();
      } catch (error) {
        setMessage(error.message);
      }
      setBusy(false);
    }

    function signIn(event) {
      event.preventDefault();
      const { email, password } = Object.fromEntries(new FormData(event.currentTarget));
      attempt(async () => {
        const tokens = await call(system, "login", { body: { email, password } });
        authorize(system, { [ACCESS]: tokens.access_token, [REFRESH]: tokens.refresh_token });
        setSession({ email, token: tokens.access_token, end: Date.now() + tokens.expires_in * 1000 });
      });
    }

    function forget() {
      system.authActions.logout([ACCESS, REFRESH]);
      setSession(null);
    }

    const signOut = () =>
      attempt(async () => {
        try {
          await call(system, "logout", { token: session.token });
        } finally {
          forget();
        }
      });

    useEffect(() => {
      if (session === null) {
        return undefined;
      }
      const expire = () => {
        forget();
        setMessage("The access token has expired; sign in again.");
      };
      const timer = setTimeout(expire, session.end - Date.now());
      return () => clearTimeout(timer);
    }, [session]);

    // The page's other way to log out is not told here.
    const isSignedIn = session !== null && session.token === authorizedToken(system);
    return createElement(
      "section",
      { className: "wrapper" },
      createElement(
        "form",
        { className: "sign-in", method: "post", "aria-label": "Sign in", onSubmit: signIn },
        ...(isSignedIn
          ? signedIn(createElement, { session, isBusy, signOut })
          : fields(createElement, { isBusy })),
        createElement("p", { role: "alert" }, message),
      ),
    );
  };
}

function signedIn(createElement, { session, isBusy, signOut }) {
  const until = new Date(session.end).toLocaleTimeString([], { timeStyle: "short" });
  const out = { type: "button", className: "btn", disabled: isBusy, onClick: signOut };
  return [
    createElement(
      "p",
      { key: "who", role: "status" },
      "Signed in as ",
      createElement("strong", null, session.email),
      ` until ${until}`,
    ),
    createElement("button", { key: "out", ...out }, "Sign out"),
  ];
}

function fields(createElement, { isBusy }) {
  const input = (label, attributes) =>
    createElement(
      "label",
      { key: attributes.name },
      label,
      createElement("input", { required: true, ...attributes }),
    );
  const submit = { type: "submit", className: "btn authorize", disabled: isBusy };
  return [
    input("E-mail address", { name: "email", type: "text", inputMode: "email", autoComplete: "username" }),
    input("Password", { name: "password", type: "password", autoComplete: "current-password" }),
    createElement("button", { key: "in", ...submit }, "Sign in"),
  ];
}

function authorize({ authActions, specSelectors }, tokens) {
  for (const [name, value] of Object.entries(tokens)) {
    const schema = specSelectors.specJson().getIn(["components", "securitySchemes", name]);
    if (schema !== undefined) {
      authActions.authorize({ [name]: { name, value, schema } });
    }
  }
}

function authorizedToken({ authSelectors }) {
  return authSelectors.authorized()?.getIn([ACCESS, "value"]);
}
