// Converted documents as rules of a vendor: the same bodies that deployments write, put into the vendor's
// own file. What a vendor cannot say is told by name; a schedule is moved to the nearest that it can,
// because whoever converts looks at the file.

import type { Problem } from '#kernel/problem.ts'
import type { Body, RuleToWrite, Written } from '#languages/rule-formats/write/rule.ts'
import type { Output, Schedule } from './output.ts'

export interface VendorFile {
  /** Empty when nothing could be written. */
  readonly text: string
  readonly problems: readonly Problem[]
}

export interface WrittenOutput {
  readonly output: Output
  readonly body: Body
}

export interface Bodies {
  readonly written: readonly WrittenOutput[]
  readonly problems: readonly Problem[]
}

interface Vendor {
  readonly language: string
  readonly write: (rule: RuleToWrite) => Written
  /** The nearest schedule that is not less often. */
  readonly fit: (schedule: Schedule) => Schedule
}

export function bodiesOf(outputs: readonly Output[], vendor: Vendor): Bodies {
  const written: WrittenOutput[] = []
  const problems: Problem[] = []
  for (const output of outputs) {
    const made = vendor.write(toRule(output, vendor))
    if (made.value !== undefined) written.push({ output, body: made.value })
    for (const problem of made.problems) {
      problems.push({ ...problem, message: `${output.title}: ${problem.message}` })
    }
  }
  return { written, problems }
}

function toRule({ rule, title, query, indexes, schedule }: Output, vendor: Vendor): RuleToWrite {
  const { everyMs, windowMs } = vendor.fit(schedule)
  return {
    title,
    description: rule.description ?? null,
    level: LEVELS.has(rule.level ?? '') ? rule.level! : null,
    author: rule.author ?? null,
    license: rule.license ?? null,
    references: rule.references,
    tags: rule.tags,
    falsepositives: rule.falsepositives,
    type: 'query',
    language: vendor.language,
    queries: [query],
    indexes,
    schedule: {
      everyMs,
      windowMs,
      cron: null,
      offsetMs: null,
      timeField: 'event',
      mode: 'scheduled',
      neededMs: 0,
    },
    throttle: null,
    entities: [],
    output: { kind: 'alert', objects: [], message: null },
    details: {},
    titleTemplate: null,
    drilldowns: [],
    threshold: null,
    settings: {},
    sigma: null,
  }
}

const LEVELS = new Set(['informational', 'low', 'medium', 'high', 'critical'])
