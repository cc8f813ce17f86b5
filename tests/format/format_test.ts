import { assertEquals } from "../../lib/assert/mod.ts";
import { duration } from "../../lib/format/duration.ts";
import { epsilonText } from "../../lib/format/epsilon.ts";
import { escapeHtml } from "../../lib/format/escape_html.ts";
import { percent, points } from "../../lib/format/percent.ts";
import { sha256 } from "../../lib/format/sha256.ts";
import { signed } from "../../lib/format/signed.ts";

Deno.test("times are rounded before they are split into units", () => {
  assertEquals([-1, 59.4, 59.6, 61, 3599.6, 3725].map(duration), [
    "0 s",
    "59 s",
    "1 min 00 s",
    "1 min 01 s",
    "1 h 00 min",
    "1 h 02 min",
  ]);
});

Deno.test("percentages and points differ in the unit alone", () => {
  assertEquals([percent(0.05), points(-0.05), percent(NaN)], ["5.0 %", "-5.0", "NaN %"]);
});

Deno.test("budgets keep at most three decimals of a 255th", () => {
  assertEquals([0, 1 / 255, 1 / 1020, 0.03].map(epsilonText), [
    "0",
    "1/255",
    "0.25/255",
    "7.65/255",
  ]);
});

Deno.test("what rounds to zero has no sign", () => {
  assertEquals([-0.004, 0.004, -0.005001, 2].map((value) => signed(value, 2)), [
    "0.00",
    "0.00",
    "−0.01",
    "+2.00",
  ]);
});

Deno.test("text is escaped for HTML and XML, characters that XML forbids included", () => {
  assertEquals(escapeHtml(`a<b & "c">\u0007'`), "a&lt;b &amp; &quot;c&quot;&gt; &#39;");
});

Deno.test("a digest does not depend on how the text is cut, and texts are UTF-8", async () => {
  const bytes = new TextEncoder().encode("ε = 8/255");
  const expected = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assertEquals(sha256("ε = 8/255"), expected);
  assertEquals(sha256("ε", bytes.subarray(2, 5), " 8/255".slice(1)), expected);
});
