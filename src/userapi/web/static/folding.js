// Every operation can answer with about ten errors, and some answers lead to as many operations:
// each is one line until somebody asks for more.

export const foldedAnswers = {
  wrapComponents: {
    operationLink: (OperationLink, { React: { createElement } }) =>
      function FoldedLink(props) {
        return createElement(
          "details",
          { className: "operation-link" },
          createElement("summary", null, props.name),
          createElement(OperationLink, { ...props, name: "" }),
        );
      },
    response: (Response, { React, getComponent }) =>
      function FoldedResponse(props) {
        const [isOpen, setOpen] = React.useState(false);
        const { createElement } = React;
        if (Number(props.code) < 400) {
          return createElement(Response, props);
        }
        const button = createElement(
          "button",
          {
            type: "button",
            className: "fold",
            "aria-expanded": isOpen,
            onClick: () => setOpen(!isOpen),
          },
          props.code,
        );
        const Markdown = getComponent("Markdown", true);
        return createElement(
          React.Fragment,
          null,
          createElement(
            "tr",
            { className: `response folded ${props.className || ""}` },
            createElement("td", { className: "response-col_status" }, button),
            createElement(
              "td",
              { className: "response-col_description", colSpan: 2 },
              createElement(Markdown, { source: props.response.get("description") }),
            ),
          ),
          isOpen && createElement(Response, { ...props, className: "unfolded" }),
        );
      },
  },
};
