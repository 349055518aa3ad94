/** The style sheet of a report, for both themes and for paper. */

export const reportStyle = `
:root { color-scheme: light dark; --text: #16191f; --dim: #4b5563; --line: #c6ccd5; --raised: #f7f8fa;
  --one: #1f6fb2; --two: #b3372c; --three: #23804a; }
@media (prefers-color-scheme: dark) { :root { --text: #e7eaf0; --dim: #a9b1bd; --line: #3a414c; --raised: #1a1d22;
  --one: #5aa9e6; --two: #e5786d; --three: #6cc08b; } body { background: #14161a; } }
body { font: 13px/18px system-ui, sans-serif; color: var(--text); max-width: 1100px; margin: 24px auto;
  padding: 0 16px; }
h1 { font-size: 20px; line-height: 28px; } h2 { font-size: 16px; margin: 32px 0 8px; }
h3 { font-size: 13px; margin: 0; }
.about, .none, figcaption { color: var(--dim); }
.note { border-left: 3px solid var(--line); padding-left: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 4px 8px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--dim); font-weight: 500; } th:first-child, td:first-child { text-align: left; }
code, pre { font: 12px/16px ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { background: var(--raised); padding: 8px; margin: 4px 0; }
article { border: 1px solid var(--line); border-radius: 4px; padding: 8px 12px; margin: 8px 0; }
.certainty { border: 1px solid var(--line); border-radius: 4px; padding: 0 4px; color: var(--dim); font-weight: 400; }
figure { margin: 16px 0; } svg { width: 100%; height: 140px; } svg text { font-size: 11px; fill: var(--dim); }
.axis, .line { fill: none; stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.line { stroke-width: 1.5; stroke-linecap: round; } .key::before { content: '— '; }
.line-0 { stroke: var(--one); } .line-1 { stroke: var(--two); } .line-2 { stroke: var(--three); }
.key { margin-left: 8px; } .key-0 { color: var(--one); } .key-1 { color: var(--two); } .key-2 { color: var(--three); }
@media print { article, tr { break-inside: avoid; } }
`
