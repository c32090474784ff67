import { foldedAnswers } from "./folding.js";
import { signingIn } from "./sign-in.js";

// An example is no value: whoever leaves an optional header alone sends none.
const emptyUntilFilled = {
  statePlugins: {
    spec: {
      wrapSelectors: {
        parameterWithMetaByIdentity: (original) => (state, ...identity) => {
          const parameter = original(...identity);
          return parameter.get("required") ? parameter : parameter.delete("example");
        },
      },
    },
  },
};

// Swagger UI takes an underscore in a link for a blank, and complains of it; ours mean themselves.
const exactLinks = {
  statePlugins: {
    layout: {
      wrapActions: {
        parseDeepLinkHash: (_, { layoutActions, layoutSelectors }) => (hash) => {
          const names = hash.replace(/^#!?\/?/, "").split("/");
          const shown = layoutSelectors.isShownKeyFromUrlHashArray(names);
          if (shown.length === 0) {
            return;
          }
          layoutActions.show(layoutSelectors.isShownKeyFromUrlHashArray([names[0]]), true);
          layoutActions.show(shown, true);
          layoutActions.scrollTo(shown);
        },
      },
    },
  },
};

function followColorScheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", apply);
  apply();
}

followColorScheme();

// Tokens are not kept: a reload of the page forgets them.
const element = document.getElementById("swagger-ui");
window.ui = SwaggerUIBundle({
  domNode: element,
  url: element.dataset.url,
  plugins: [emptyUntilFilled, exactLinks, foldedAnswers, signingIn],
  deepLinking: true,
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  validatorUrl: null,
  displayRequestDuration: true,
});
