// Which format a file of events has, by how it begins: names of files say little.

import { readCsvLine, separatorOf } from './csv.ts'
import type { EventFormat } from './format.ts'
import { isSyslogLine } from './syslog.ts'

/** `head` is the beginning of the file, as text; some kilobytes are enough. Undefined: none of ours. */
export function recogniseFormat(head: string): EventFormat | undefined {
  const text = head.trimStart()
  if (/^(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?<(Events?)[\s>]/.test(text)) return 'windows-xml'
  if (text.startsWith('[') && /^\[\s*[{\]]/.test(text)) return 'json'
  if (text.startsWith('{')) return isObjectPerLine(text) ? 'ndjson' : 'json'
  if (/^Record \d+\r?\n\{/.test(text)) return 'json'
  const lines = text.split(/\r?\n/, 20).filter((line) => line !== '')
  if (lines.length === 0) return undefined
  if (lines.slice(0, 5).some(isSyslogLine)) return 'syslog'
  return isTable(lines[0]!) ? 'csv' : undefined
}

/** The first line is an object by itself, or broken while the second is one. */
function isObjectPerLine(text: string): boolean {
  const lines = text.split(/\r?\n/)
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines
  return whole.slice(0, 5).some((line) => {
    if (!line.startsWith('{') || HOLDS_RECORDS.test(line)) return false
    if (whole.length === 1 && lines.length > 1 && line.length > 100_000) return true
    try {
      JSON.parse(line)
      return true
    } catch {
      return lines.length === 1 && !line.endsWith('{')
    }
  })
}

/** An object that holds the events in a list, as CloudTrail and several APIs write them. */
export const HOLDS_RECORDS = /^\s*\{\s*"(?:Records|value|events|logEvents|data|results)"\s*:\s*\[/

function isTable(line: string): boolean {
  const names = readCsvLine(line, separatorOf(line))
  return names.length > 1 && names.every((name) => name.length > 0 && name.length < 200)
}
