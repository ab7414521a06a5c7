// The evaluators of the query languages: rows a second of CPU over 100,000 events, by a filter as rules
// have it and by groups.

import { evaluateEql } from '#languages/eql/evaluate.ts'
import { evaluateEsql } from '#languages/esql/evaluate.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import { evaluateKusto } from '#languages/kusto/evaluate.ts'
import { evaluateSpl } from '#languages/spl/evaluate.ts'
import { hasErrors, type Checked } from '#kernel/problem.ts'
import type { Bench } from './bench.ts'

const COUNT = 100_000
const NOW = { now: Date.UTC(2026, 10, 22) }

type Run = (text: string, events: readonly EventRecord[]) => Checked<unknown>

const kusto: Run = (text, events) => evaluateKusto(text, new Map([['T', events]]), NOW)

const CASES: readonly (readonly [string, Run, string])[] = [
  ['spl: a filter', (text, events) => evaluateSpl(text, events, NOW),
    'EventID=1 (Image="*\\\\cmd.exe" OR CommandLine="*whoami*") NOT User="*SYSTEM*"'],
  ['spl: stats by two fields', (text, events) => evaluateSpl(text, events, NOW),
    '* | stats count dc(User) by Computer, Image | sort - count'],
  ['esql: a filter', (text, events) => evaluateEsql(text, events, NOW),
    'from logs | where EventID == 1 and (ends_with(to_lower(Image), "\\\\cmd.exe") or to_lower(CommandLine) like "*whoami*") and not coalesce(to_lower(User) like "*system*", false)'],
  ['esql: stats by two fields', (text, events) => evaluateEsql(text, events, NOW),
    'from logs | stats c = count(*), u = count_distinct(User) by Computer, Image | sort c desc'],
  ['eql: a filter', (text, events) => evaluateEql(text, events, NOW),
    'any where EventID == 1 and (Image : "*\\\\cmd.exe" or CommandLine : "*whoami*") and not User : "*SYSTEM*"'],
  ['eql: a sequence by one field', (text, events) => evaluateEql(text, events, NOW),
    'sequence by Computer with maxspan=1h [any where EventID == 1] [any where Image : "*\\\\cmd.exe"]'],
  ['kusto: a filter', kusto,
    'T | where EventID == 1 and (Image endswith "\\\\cmd.exe" or CommandLine contains "whoami") and not(User contains "SYSTEM")'],
  ['kusto: summarize by two columns', kusto,
    'T | summarize c = count(), u = dcount(User) by Computer, Image | sort by c'],
] // prettier-ignore

function makeEvents(): readonly EventRecord[] {
  return Array.from({ length: COUNT }, (_, n) => ({
    '@timestamp': new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString(),
    EventID: n % 7,
    Computer: `host-${n % 50}`,
    User: n % 3 === 0 ? 'NT AUTHORITY\\SYSTEM' : `CORP\\user${n % 500}`,
    Image: `C:\\Windows\\System32\\${['cmd', 'svchost', 'powershell', 'lsass'][n % 4]}.exe`,
    CommandLine: `command ${n} /c ${n % 90 === 0 ? 'whoami' : 'dir'} C:\\Users\\user${n % 500}`,
    ProcessId: n,
    ParentImage: 'C:\\Windows\\explorer.exe',
    Hashes: 'MD5=352B525E9C26CB92693899528FE007C2',
    IntegrityLevel: 'Medium',
  }))
}

export const bench: Bench = {
  name: 'evaluators',
  run: (say) => {
    const events = makeEvents()
    for (const [name, run, query] of CASES) {
      run(query, events.slice(0, 10))
      const before = process.cpuUsage()
      const { problems } = run(query, events)
      const { user, system } = process.cpuUsage(before)
      if (hasErrors(problems)) throw new Error(problems[0]!.message)
      say(name, `${Math.round(COUNT / ((user + system) / 1e6))} rows/s`)
    }
    return Promise.resolve()
  },
}
