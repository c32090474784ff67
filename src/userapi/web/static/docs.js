"use strict";

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

// Tokens are not kept: a reload of the page forgets them.
const element = document.getElementById("swagger-ui");
window.ui = SwaggerUIBundle({
  domNode: element,
  url: element.dataset.url,
  plugins: [emptyUntilFilled],
  deepLinking: true,
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  validatorUrl: null,
  displayRequestDuration: true,
});
