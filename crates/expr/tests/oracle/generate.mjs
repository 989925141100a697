// Writes table.json: expressions and what JavaScript makes of them, for the test `oracle`. Run: node generate.mjs
// Left out is what differs on purpose (docs/guide/expressions.md): text of arrays and objects, loose equality of
// objects, undefined in arithmetic, inexact large integers, negative zero.
import { writeFileSync } from 'node:fs';

const values = ['0', '1', '-2.5', '1e21', '1e-7', 'NaN', 'Infinity', '""', '"a"', '"10"', '" 7 "', '"0x1f"', '"1e3"', '"é"', '"Infinity"', '"-"',
  'true', 'false', 'null', '123456789.125', '0.1', '1.7976931348623157e308'];
const binary = ['+', '-', '*', '/', '%', '**', '==', '!=', '===', '!==', '<', '<=', '>', '>=', '&&', '||', '??'];
const expressions = new Set();
for (const a of values) {
  for (const op of ['!', '-', '+', 'typeof ']) expressions.add(`${op}(${a})`);
  for (const op of binary) for (const b of values) expressions.add(`(${a}) ${op} (${b})`);
  expressions.add(`String(${a})`); expressions.add(`Number(${a})`); expressions.add(`Boolean(${a})`);
  expressions.add(`parseInt(${a})`); expressions.add(`parseFloat(${a})`); expressions.add(`\`x\${${a}}y\``);
  expressions.add(`(${a}) ? 1 : 2`); expressions.add(`JSON.stringify(${a})`); expressions.add(`isNaN(${a})`);
}
const numbers = ['0', '0.5', '1.5', '2.5', '-2.5', '-0.5', '1.005', '1.45', '1234.5678', '1e-10', '1e21', '123456789012345680000', '0.000001', '0.49999999999999994', '-1.5', '8.345', '10.235', '1e300'];
for (const n of numbers) {
  for (let d = 0; d < 5; d++) expressions.add(`(${n}).toFixed(${d})`);
  for (const f of ['round', 'floor', 'ceil', 'trunc', 'abs', 'sign', 'sqrt']) expressions.add(`Math.${f}(${n})`);
  expressions.add(`String(${n})`); expressions.add(`String(${n} * 3)`); expressions.add(`String(${n} / 3)`);
}
for (const n of [0, 7, -7, 255, 2 ** 31, 2 ** 53]) for (const r of [2, 8, 16, 36]) expressions.add(`(${n}).toString(${r})`);
const texts = ['""', '"abc"', '"Hello World"', '"a😀b"', '"  x "', '"äöüß"', '"a,b,,c"', '"aXbXc"', '"\\u0041\\n"', '"12px"'];
const positions = [0, 1, 2, 5, -1, -2, 100];
for (const t of texts) {
  expressions.add(`${t}.length`);
  for (const f of ['trim', 'trimStart', 'trimEnd', 'toUpperCase', 'toLowerCase']) expressions.add(`${t}.${f}()`);
  for (const i of positions) {
    for (const f of ['charAt', 'slice', 'substring', 'substr', 'charCodeAt']) if (!(t.includes('😀') && f !== 'charCodeAt')) expressions.add(`${t}.${f}(${i})`);
    if (!t.includes('😀')) for (const j of positions) for (const f of ['slice', 'substring', 'substr']) expressions.add(`${t}.${f}(${i}, ${j})`);
    if (i >= 0) expressions.add(`${t}.padStart(${i}, "xy")`), expressions.add(`${t}.padEnd(${i})`), expressions.add(`${t}.repeat(${Math.min(i, 3)})`);
  }
  for (const s of ['""', '"a"', '"X"', '","', '"o"', '"b"']) {
    for (const f of ['includes', 'startsWith', 'endsWith', 'indexOf', 'lastIndexOf']) expressions.add(`${t}.${f}(${s})`);
    if (!t.includes('😀') || s !== '""') expressions.add(`${t}.split(${s})`), expressions.add(`${t}.split(${s}, 2)`);
    expressions.add(`${t}.replace(${s}, "-")`); expressions.add(`${t}.replaceAll(${s}, "-")`);
  }
  for (const p of ['/[a-z]/', '/[a-z]/g', '/(\\w)(\\w)/', '/\\d+/g', '/o/gi', '/^a/', '/\\s+/g', '/[^a-z]/i', '/b$/', '/\\bw/i']) {
    expressions.add(`${t}.replace(${p}, "<$&>")`); expressions.add(`${p}.test(${t})`); expressions.add(`${t}.search(${p})`);
    expressions.add(`JSON.stringify(${t}.match(${p}))`);
  }
  expressions.add(`encodeURIComponent(${t})`); expressions.add(`encodeURI(${t})`); expressions.add(`JSON.stringify(${t})`); expressions.add(`parseInt(${t})`); expressions.add(`parseFloat(${t})`);
  expressions.add(`JSON.stringify([...${t}])`);
}
const arrays = ['[]', '[1]', '[3, 1, 2]', '["b", "a", "c"]', '[1, 2, 3, 4, 5]', '[[1], [2, [3, [4]]]]', '[null, 0, false, "x"]'];
for (const a of arrays) {
  const s = (e) => expressions.add(`JSON.stringify(${e})`);
  s(`${a}.length`); s(`${a}.map(x => [x])`); s(`${a}.map((x, i) => i)`); s(`${a}.filter(x => x)`); s(`${a}.filter(Boolean)`); s(`${a}.find(x => x > 1) ?? null`); s(`${a}.findIndex(x => x > 1)`);
  s(`${a}.findLastIndex(x => x > 1)`); s(`${a}.some(x => x)`); s(`${a}.every(x => x)`); s(`${a}.reduce((sum, x) => sum + 1, 0)`); s(`${a}.flat()`); s(`${a}.flat(2)`); s(`${a}.flatMap(x => [x, 1])`);
  s(`${a}.toReversed?.() ?? 0`.replace('.toReversed?.() ?? 0', '.toReversed()')); s(`${a}.concat([1, [2]], 3)`); s(`${a}.includes(1)`); s(`${a}.indexOf("a")`); s(`${a}.lastIndexOf(1)`);
  if (!a.includes('[[')) { s(`${a}.join("-")`); s(`${a}.join()`); s(`${a}.sort((a, b) => a < b ? 1 : a > b ? -1 : 0)`); }
  if (!a.includes('null') && !a.includes('[[')) s(`${a}.sort()`);
  for (const i of positions) { s(`${a}.at(${i}) ?? null`); s(`${a}.slice(${i})`); for (const j of positions) s(`${a}.slice(${i}, ${j})`); }
  s(`[...${a}, ...${a}]`); s(`Math.max(...${a}.filter(x => typeof x === "number"))`);
}
for (const o of ['({})', '({a: 1})', '({a: {b: [1, 2]}, "c d": null})', '({...{a: 1}, b: 2, ["c" + 1]: 3})']) {
  const s = (e) => expressions.add(`JSON.stringify(${e})`);
  s(o); s(`Object.keys(${o})`); s(`Object.values(${o})`); s(`Object.entries(${o})`); s(`Object.fromEntries(Object.entries(${o}))`); s(`Object.assign({z: 1}, ${o})`);
  s(`"a" in ${o}`); s(`${o}?.a?.b?.[1] ?? "none"`); s(`{...${o}, a: 2}`); s(`JSON.parse(JSON.stringify(${o}))`); expressions.add(`JSON.stringify(${o}, null, 2)`);
}
for (const e of ['1 + 2 * 3', '(1 + 2) * 3', '2 ** 3 ** 2', '-(2 ** 2)', '10 - 3 - 2', '100 / 10 / 5', '7 % 4 % 2', '1 < 2 === true', '1 + 1 + "a" + 1 + 1', '!0 + 1', 'typeof typeof 1', 'null ?? undefined ?? 3', '0 || null || "x"', '1 && 2 && 0',
  'true ? false ? 1 : 2 : 3', '1 ? 2 : 3 ? 4 : 5', '"b" > "a" && "a" > "B"', '"10" < "9"', '10 < "9"', 'null >= 0', 'null > 0', 'null == 0', '"" == 0', '"a" == "a"', '[1, 2][1]', '"abc"[1]', '({a: 1})["a"]', '`a${1 + 1}b${`c${3}`}`', '.5 + 1.', '0x10 + 0b11 + 0o17', '1_000', '1e3', '"\\x41\\u0042\\u{43}"', "'it\\'s'", '1?.5:2', '[1,2,3].map(x => [1,2].map(y => x * y).length).length', '"a" in {a: 1}', '1 in [1, 2]', '5 in [1, 2]',
  'Date.parse("2026-02-28T12:30:15.250Z")', 'Date.parse("2026-11-22T08:00:00+05:30")', 'Date.parse("2026")', 'Date.parse("2026-03")', 'Date.parse("nonsense")']) expressions.add(e);

const table = [];
for (const expression of expressions) {
  let result;
  try { result = (0, eval)(expression); } catch { continue; }
  // ECMA-262 leaves the last digit of powers to the engine.
  if (expression.includes('**') && !Number.isSafeInteger(Number(result)) && Number.isFinite(Number(result))) continue;
  if (expression.includes('😀') && expression.includes('[^')) continue; // would match half of a character
  if (!String(result).isWellFormed()) continue; // half of a character, which Rust's strings cannot hold
  if (typeof result === 'undefined' || (typeof result === 'object' && result !== null)) continue;
  if (typeof result === 'number' && Number.isInteger(result) && Math.abs(result) > 2 ** 53 && /^[-\d ()*+]+$/.test(expression)) continue;
  // JSON has no NaN, so that results are compared as typed text.
  table.push([expression, `${typeof result === 'object' ? 'null' : typeof result}:${String(result)}`]);
}
writeFileSync(new URL('table.json', import.meta.url), '[\n' + table.map((row) => JSON.stringify(row)).join(',\n') + '\n]\n');
console.log(table.length, process.version);
