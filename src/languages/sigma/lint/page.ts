// The page about checks, docs/lint.md, made from their rows. A test keeps the two equal.

import type { CheckGroup } from '#languages/sigma/lint.ts'
import type { CheckRow } from './check.ts'

/** An example longer than this shows nothing more. */
const EXAMPLE_CHARS_MAX = 300

export function lintPage(groups: readonly CheckGroup[]): string {
  const count = groups.reduce((sum, { rows }) => sum + rows.length, 0)
  const parts = groups.map(({ title, rows }) => [`## ${title}`, ...rows.map(describe)].join('\n\n'))
  return `# What \`rule lint\` looks for

${count} checks. An **error** keeps a rule from working, or the official schema refuses it; a **warning** is most likely a mistake; a **note** is advice. \`rule lint\` ends with exit code 1 when there is an error, with \`--fail-on warning\` also when there is a warning.

A comment in a document silences a check there. It names the check and gives the reason:

\`\`\`
# rulewright-ignore sigma/short-contains: one letter is all this tool takes
\`\`\`

Examples are lines of a rule whose other lines are sound; \`---\` begins another rule.

${parts.join('\n\n')}
`
}

const SEVERITIES = { error: 'Error', warning: 'Warning', info: 'Note' } as const

function describe({ code, severity, why, bad, good }: CheckRow): string {
  // The heading is the code alone: links from problems name it.
  return `### \`${code}\`

*${SEVERITIES[severity]}:* ${why}

\`\`\`
# reported
${shownExample(bad)}

# fine
${shownExample(good)}
\`\`\``
}

/** Some examples are bombs: only their beginning is shown. */
export function shownExample(example: string): string {
  const text = example.trimEnd().replaceAll('\u0001', '\uFFFD')
  return text.length > EXAMPLE_CHARS_MAX ? `${text.slice(0, EXAMPLE_CHARS_MAX)}…` : text
}
