"use strict";

// Tokens are not kept: a reload of the page forgets them.
const element = document.getElementById("swagger-ui");
window.ui = SwaggerUIBundle({
  domNode: element,
  url: element.dataset.url,
  deepLinking: true,
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  validatorUrl: null,
  displayRequestDuration: true,
});
