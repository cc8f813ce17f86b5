/** The report's index page: tables, figures, commands, conclusions, provenance; self-contained. */
import { dirname, join, relative } from "node:path";
import { writeAtomically } from "../../files/write_atomically.ts";
import { hardware, versions } from "../runs/provenance.ts";
import type { RunRecord } from "../records/record.ts";
import { describeRuns, groupBySeed } from "../records/run_groups.ts";
import { checkoutRoot } from "../records/run_paths.ts";
import { rowOf } from "../specs/matrix.ts";
import {
  calibrationTable,
  crossDomainTable,
  fineTuningTable,
  hasTransfer,
  objectiveTable,
  robustnessTable,
  temperatureTable,
  trainingTable,
} from "../views/tables.ts";
import { buildTable, type Table } from "../views/table.ts";
import { commandTable } from "./_commands.ts";
import { conclusions } from "./_conclusions.ts";
import { explorerSection } from "./_explorer_section.ts";
import { type Requirement, requirements } from "./coverage_matrix.ts";
import { comparisons } from "./gallery.ts";
import { figure, list, page, paragraph, section } from "./_page_parts.ts";
import { REFERENCES } from "./_references.ts";
import { escapeHtml } from "../../format/escape_html.ts";

/** A notebook on the index page. */
export interface NotebookEntry {
  readonly title: string;
  readonly question?: string;
  /** Its page. Absent: there is none, or none that belongs to the notebook as it is. */
  readonly page?: string;
  /** How its numbers came about, or why there is no page. */
  readonly notes: readonly string[];
  /** Where it failed, e.g. "failed at cell 7: RangeError: ...". */
  readonly failure?: string;
}

/** Options of {@linkcode writeIndexPage}. */
export interface IndexPageOptions {
  /** The page. */
  readonly path: string;
  /** The checkout that links point into. Default: the one this module belongs to. */
  readonly root?: string;
  /** The notebooks to list. */
  readonly notebooks?: readonly NotebookEntry[];
}

const ABSTRACT =
  "How far can an image classifier be trusted? One network, a ResNet-18 [1], is trained on street " +
  "digits, handwritten digits and small natural images, and asked four questions: does it " +
  "generalize, with and without batch norm [2], label smoothing [3] and augmentation; does what it " +
  "learned on one domain hold on another [9]; does it withstand the worst small change of its input " +
  "[4, 5]; do its confidences mean what they say [6], and does it know when to be silent [7]? A fifth " +
  "part shapes its features by Circle Loss [8] and asks whether structure makes it robust. Every " +
  "number below stands beside its data, its number of images, its seed and its attack's strength.";

/** Links from a page to files of the checkout, in the form of URLs. */
function linker(path: string, root: string) {
  return (target: string, text: string = target) => {
    const url = relative(dirname(path), join(root, target)).replaceAll("\\", "/");
    return `<a href="${escapeHtml(encodeURI(url))}">${escapeHtml(text)}</a>`;
  };
}

function coverageTable(link: ReturnType<typeof linker>): string {
  const rows = requirements.map(({ requirement, status, code, notebook, section, evidence }) => {
    const shown = section === "" ? notebook : `${notebook}, ${section}`;
    const cells = [
      escapeHtml(requirement),
      escapeHtml(status),
      link(code),
      link(notebook, shown),
      link(evidence),
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const titles: (keyof Requirement)[] = [
    "requirement",
    "status",
    "code",
    "notebook",
    "evidence",
  ];
  const head = titles.map((title) => `<th scope="col">${title}</th>`).join("");
  return `<div style="overflow-x:auto"><table><thead><tr>${head}</tr></thead>` +
    `<tbody>\n${rows.join("\n")}\n</tbody></table></div>`;
}

function provenanceTable(runs: readonly RunRecord[]): Table {
  return buildTable("Where each run comes from. Seconds are training and evaluation.", [
    { key: "run", title: "Run", kind: "text", value: ({ id, seed }) => `${id}-s${seed}` },
    { key: "hash", title: "Hash", kind: "text", value: ({ config }) => config.hash.slice(0, 8) },
    {
      key: "data",
      title: "Train data SHA-256",
      kind: "text",
      value: ({ config }) => config.data["train"]?.sha256.slice(0, 12),
    },
    {
      key: "commit",
      title: "Commit",
      kind: "text",
      value: ({ metrics }) => metrics.provenance.commit?.replace(/^(.{12}).{28}/, "$1"),
    },
    {
      key: "hardware",
      title: "Hardware",
      kind: "text",
      value: ({ metrics }) => metrics.provenance.hardware,
    },
    {
      key: "versions",
      title: "Versions",
      kind: "text",
      value: ({ metrics: { provenance } }) =>
        Object.entries(provenance.versions).map((entry) => entry.join(" ")).join(", "),
    },
    {
      key: "seconds",
      title: "Seconds",
      kind: "number",
      digits: 0,
      value: ({ history, metrics }) =>
        history.epochs.reduce((sum, { seconds }) => sum + seconds, 0) +
        metrics.provenance.evaluationSeconds,
    },
  ], runs.map((run) => [run]));
}

function tables(runs: readonly RunRecord[]): string {
  const attacked = runs.filter(({ metrics }) => metrics.dataset === "cifar10");
  const transferred = runs.filter(hasTransfer);
  const fineTuned = runs.filter(({ id, config }) =>
    rowOf(config.spec.variant?.of ?? id)?.group === "fine-tuning"
  );
  const rows: [heading: string, table: Table | undefined][] = [
    ["Table II. Training", trainingTable(runs)],
    ["Table III. Across domains", transferred.length ? crossDomainTable(transferred) : undefined],
    ["Fine-tuning on few images", fineTuned.length ? fineTuningTable(fineTuned) : undefined],
    ["Table IV. Robustness", attacked.length ? robustnessTable(attacked) : undefined],
    ["Table V. Calibration and selective prediction", calibrationTable(runs)],
    ["Temperature scaling", temperatureTable(runs)],
    ["One objective", objectiveTable(runs)],
  ];
  return rows.map(([heading, table]) =>
    table === undefined ? "" : `<h3>${escapeHtml(heading)}</h3>\n${table.toHtml()}`
  ).join("\n");
}

async function figures(runs: readonly RunRecord[]): Promise<string> {
  const drawn: string[] = [];
  for (const { draw, paragraph } of comparisons(runs)) {
    drawn.push(figure((await draw()).svg, paragraph));
  }
  return drawn.join("\n");
}

function notebookItem(
  { title, question, page, notes, failure }: NotebookEntry,
  link: ReturnType<typeof linker>,
  root: string,
): string {
  const name = page === undefined ? escapeHtml(title) : link(relative(root, page), title);
  return `<li><p class="name">${name}</p>` +
    (failure === undefined ? "" : `<p class="failed">${escapeHtml(failure)}</p>`) +
    (question === undefined ? "" : `<p>${escapeHtml(question)}</p>`) +
    (notes.length === 0 ? "" : `<p class="notes">${escapeHtml(notes.join(" · "))}</p>`) + `</li>`;
}

function notebookList(
  link: ReturnType<typeof linker>,
  notebooks: readonly NotebookEntry[],
  root: string,
): string {
  if (notebooks.length === 0) return "";
  const items = notebooks.map((entry) => notebookItem(entry, link, root));
  return section("notebooks", "Notebooks", `<ol class="notebooks">\n${items.join("\n")}\n</ol>`);
}

function madeWith(): string {
  const names: Record<string, string> = {
    deno: "Deno",
    tfjs: "TensorFlow.js",
    "tfjs-node": "its native part",
  };
  return Object.entries(versions()).map(([name, version]) => `${names[name] ?? name} ${version}`)
    .join(", ");
}

/** What the intervals of the conclusion do not cover. */
function seedWarning(runs: readonly RunRecord[]): string {
  if (groupBySeed(runs).every(({ length }) => length === 1)) {
    return "one seed a run says nothing about another seed";
  }
  return "a t-interval is over training seeds, any other over test images and of one seed, which " +
    "says nothing about another seed";
}

/** What is reported of the runs. */
async function reportSections(
  runs: readonly RunRecord[],
  link: ReturnType<typeof linker>,
): Promise<string[]> {
  const statements = await conclusions(runs);
  return [
    section("abstract", "Abstract", paragraph(ABSTRACT), paragraph(describeRuns(runs))),
    section("commands", "Table I. Runs and commands", commandTable(runs).toHtml()),
    section("results", "Results", tables(runs)),
    section("figures", "Figures", await figures(runs)),
    await explorerSection(link),
    section(
      "conclusion",
      "Conclusion",
      paragraph(
        `What these runs allow to say, each sentence with the 95 % interval of its difference; ${
          seedWarning(runs)
        }.`,
      ),
      list(statements.map(({ text }) => text)),
    ),
    section("coverage", "Table VI. Where each requirement is met", coverageTable(link)),
    section(
      "provenance",
      "Provenance",
      paragraph(`Page made with ${madeWith()}, on ${hardware()}.`),
      provenanceTable(runs).toHtml(),
    ),
    section("references", "References", list(REFERENCES, "ol")),
  ];
}

/**
 * Writes the index page of a report.
 *
 * @param runs Finished runs of one profile; none only where there are notebooks to list.
 * @param options See {@linkcode IndexPageOptions}.
 * @returns The page's path.
 * @throws {RangeError} If there is no run, or profiles or kinds of data are mixed.
 * @throws {Error} Naming the page, if it cannot be written.
 */
export async function writeIndexPage(
  runs: readonly RunRecord[],
  { path, root = checkoutRoot(), notebooks = [] }: IndexPageOptions,
): Promise<string> {
  const link = linker(path, root);
  const sections = [
    notebookList(link, notebooks, root),
    ...(runs.length === 0 && notebooks.length > 0 ? [] : await reportSections(runs, link)),
  ].filter((part) => part !== "");
  const title = runs.length === 0
    ? "A trusted-AI lab"
    : `A trusted-AI lab: report of ${runs.length} runs`;
  await writeAtomically(path, page(title, sections.join("\n")));
  return path;
}
