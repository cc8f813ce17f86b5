/** The parts of a notebook's page that a page of another kind does not have. */

function paragraphs(section: Element | null): Element[] {
  return section === null ? [] : [...section.querySelectorAll(":scope > p")];
}

/** Moves the sentence that begins with "Figure 3.1" from the text below a chart to the chart. */
function captionFigures(body: Element): void {
  for (const section of body.querySelectorAll("section.code")) {
    const figure = [...section.querySelectorAll("figure.chart")].at(-1);
    const next = section.nextElementSibling;
    const [first] = paragraphs(next?.matches("section.text") ? next : null);
    const name = first?.firstElementChild?.localName === "strong"
      ? /^Figure \d[\d.]*/.exec(first.firstElementChild.textContent ?? "")?.[0]
      : undefined;
    if (figure === undefined || first === undefined || name === undefined) continue;
    const caption = body.ownerDocument.createElement("figcaption");
    caption.append(...first.childNodes);
    first.remove();
    figure.append(caption);
  }
}

/** The key numbers of a chart stand below it; its alternative text names it. */
function describeFigures(body: Element): void {
  for (const image of body.querySelectorAll("figure.chart > img")) {
    const [title, ...numbers] = (image.getAttribute("alt") ?? "").split(" · ");
    if (numbers.length === 0) continue;
    image.setAttribute("alt", `${title}. Its numbers stand below.`);
    const document = body.ownerDocument;
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = "In numbers";
    const list = document.createElement("ul");
    for (const part of numbers.flatMap((text) => text.split("; "))) {
      const item = document.createElement("li");
      item.textContent = part;
      list.append(item);
    }
    details.append(summary, list);
    image.after(details);
  }
}

/**
 * Arranges the cells of a notebook's page: charts get their captions and numbers, boxes that scroll get
 * names, the question and the first error can be found.
 *
 * @param body The page's body; it is changed.
 */
export function arrangeCells(body: Element): void {
  describeFigures(body);
  captionFigures(body);
  [...body.querySelectorAll(".source")].forEach((source, k) => {
    source.setAttribute("role", "group");
    source.setAttribute("aria-label", `Code ${k + 1}`);
  });
  body.querySelector("pre.stream.error")?.setAttribute("id", "failed");
  const question = paragraphs(body.querySelector("section.text"))
    .find((paragraph) => /^Question\b/.test(paragraph.textContent?.trim() ?? ""));
  if (question !== undefined) question.id = "question";
  for (const section of body.querySelectorAll("section.text, section.code")) {
    if (section.textContent?.trim() === "" && section.querySelector("img") === null) {
      section.remove();
    }
  }
}
