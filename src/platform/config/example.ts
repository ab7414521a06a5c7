// The texts people read about settings, made from the schema: config.example.toml and the table of
// docs/settings.md. A test keeps the files equal to these.

import { SECTIONS } from './schema.ts'
import { ALL, writtenKey, type Named } from './sources.ts'

export function exampleToml(): string {
  const blocks = [
    '# Every setting of Rulewright with its default. Copy what you change to rulewright.toml in the',
    '# data directory. A flag goes before the environment, the environment before this file.',
    '',
    ...ALL.filter((one) => one.section === undefined).flatMap(lines),
  ]
  for (const section of Object.keys(SECTIONS)) {
    const settings = ALL.filter((one) => one.section === section)
    blocks.push(`[${section}]`)
    if (settings.length === 0) blocks.push('# No settings in this version.', '')
    else blocks.push(...settings.flatMap(lines))
  }
  return `${blocks.join('\n').trimEnd()}\n`
}

export function settingsTable(): string {
  const rows = ALL.map(
    (one) =>
      `| \`${one.section === undefined ? '' : `[${one.section}] `}${writtenKey(one)}\` | ${fallbackText(one)} | ` +
      `${one.setting.about} | ${one.setting.change} |`,
  )
  return [
    '# Settings',
    '',
    'Made from the schema; `config.example.toml` says the same as a file to start from.',
    '`[section] key` is `RULEWRIGHT_SECTION_KEY` in the environment, where lists are separated by',
    'commas. A secret is `…_FILE` there, or its value without `_FILE`. Flags go before the',
    'environment, the environment before the file. Durations are `90s`, `5m`, `8h`, `30d`.',
    '',
    'A changed secret file takes effect without a restart, except for the master secret, which is',
    'only reported: it changes by `rulewright secret rotate`. A secret file that its group or others',
    'can read is refused.',
    '',
    '| setting | default | what it does | change it when |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function lines(one: Named): string[] {
  const { about, change, expected, fallback, example } = one.setting
  const shown = fallback === undefined ? example : fallback
  return [
    `# ${about}`,
    `# Expected: ${expected}. Environment: ${one.variable}${one.setting.isSecret ? '_FILE' : ''}.`,
    `# Change it when: ${change}`,
    fallback === undefined
      ? `# ${writtenKey(one)} = ${toml(shown)}`
      : `${writtenKey(one)} = ${toml(shown)}`,
    '',
  ]
}

function fallbackText({ setting }: Named): string {
  return setting.fallback === undefined ? '–' : `\`${toml(setting.fallback)}\``
}

function toml(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(toml).join(', ')}]` : JSON.stringify(value)
}
