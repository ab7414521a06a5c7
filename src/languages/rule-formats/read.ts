// Tells by its content what a file of rules is, and reads it: names of files say nothing that can be
// relied on.

import { parse } from 'yaml'
import { foreignError, recordOf, type ForeignFile } from './foreign.ts'
import { isKibanaLine, readKibanaRules } from './kibana.ts'
import { readSavedSearches } from './saved-searches.ts'
import { readSentinelJson, readSentinelYaml } from './sentinel.ts'
import { YAML_ALIASES_MAX } from '#kernel/limits.ts'

export const FORMATS = ['rule_file', 'splunk', 'sentinel', 'kibana'] as const
export type Format = (typeof FORMATS)[number]

/** `rule_file` for Sigma and for whatever is nothing else: its reader says what is wrong. */
export function formatOf(text: string): Format {
  const start = text.trimStart()
  if (start.startsWith('{') || start.startsWith('[{')) {
    const line = start.slice(0, (start.indexOf('\n') + 1 || start.length + 1) - 1)
    return isKibanaLine(line) ? 'kibana' : 'sentinel'
  }
  if (/^\s*\[[^\]\n]+\]\s*$/m.test(firstWritten(start))) return 'splunk'
  const isAnalyticsRule =
    /^query\s*:/m.test(text) &&
    /^(?:queryFrequency|entityMappings|triggerOperator|kind)\s*:/m.test(text)
  return isAnalyticsRule && !/^detection\s*:/m.test(text) ? 'sentinel' : 'rule_file'
}

/** The rules of a file that is no rule file of ours. */
export function readForeignFile(text: string, format: Exclude<Format, 'rule_file'>): ForeignFile {
  if (format === 'splunk') return readSavedSearches(text)
  if (format === 'kibana') return readKibanaRules(text)
  const start = text.trimStart()
  try {
    if (start.startsWith('{') || start.startsWith('[')) return readSentinelJson(JSON.parse(text))
    const fields = recordOf(parse(text, { maxAliasCount: YAML_ALIASES_MAX }))
    if (fields !== undefined) return readSentinelYaml(fields)
  } catch (error) {
    return { rules: [], problems: [foreignError(firstLine((error as Error).message))] }
  }
  return { rules: [], problems: [foreignError('This is no analytics rule.')] }
}

/** The first line that is no comment. */
function firstWritten(text: string): string {
  return text.split('\n').find((line) => !/^\s*(?:[#;]|$)/.test(line)) ?? ''
}

function firstLine(text: string): string {
  return text.split('\n')[0]!
}
