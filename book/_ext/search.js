// What the search page changes in Sphinx's searchtools.js, which has just been loaded.
{
  // An excerpt is from the article: the theme puts the contents of a page, too, where Sphinx looks for its text.
  const textOf = Search.htmlToText;
  Search.htmlToText = (page, anchor) => {
    const article = new DOMParser().parseFromString(page, "text/html").querySelector("article");
    if (!article) return textOf(page, anchor);
    for (const drawing of article.querySelectorAll("svg")) drawing.remove();
    return textOf(`<div role="main">${article.innerHTML}</div>`, anchor);
  };
  // A page that was opened as a file may not read another one: there the results have no excerpts.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}
