// A rule as Rulewright runs it itself, over events that it holds: everything a rule says has a place here.

import { formatDuration } from '#kernel/time.ts'
import { Draft } from './draft.ts'
import { USUAL_EVERY_MS, windowOf, type RuleToWrite, type Written } from './rule.ts'

export function writeLocal(rule: RuleToWrite): Written {
  const draft = new Draft('The local place', false)
  const { title, level, sigma, queries, schedule, throttle, output, entities } = rule
  if (sigma === null && queries.length === 0) {
    draft.refuse('no-query', 'takes no rule without a detection or a query')
  }
  draft.say('title', title)
  if (level !== null) draft.say('level', level)
  if (sigma !== null) draft.say('rule', sigma.text)
  if (sigma !== null && sigma.others.length > 0) draft.say('others', sigma.others)
  if (queries.length > 0) draft.say('queries', queries)
  const { everyMs, cron, offsetMs, timeField, mode } = schedule
  draft.assume('enabled', true)
  draft.say('schedule', {
    ...(cron === null ? { every: formatDuration(everyMs ?? USUAL_EVERY_MS) } : { cron }),
    ...(offsetMs === null ? {} : { offset: formatDuration(offsetMs) }),
    window: formatDuration(windowOf(schedule)),
    timeField,
    mode,
  })
  if (throttle !== null && throttle.mode !== 'none') {
    const { mode: how, fields, periodMs, missing } = throttle
    const period = formatDuration(periodMs)
    draft.say('throttle', { mode: how, fields, period, ...(missing === null ? {} : { missing }) })
  }
  if (rule.threshold !== null) draft.say('threshold', rule.threshold)
  if (entities.length > 0)
    draft.say(
      'entities',
      entities.map(({ type, field }) => ({ type, field })),
    )
  draft.say('output', output.kind)
  return draft.finish(rule.settings)
}

export interface LocalSigma {
  readonly rule: string
  readonly others?: readonly string[] | undefined
}

/** All that runs of a body of Sigma: the rule, what it builds on, and what is laid over both. */
export function sigmaOf({ rule, others = [] }: LocalSigma): string {
  return [rule, ...others].join('\n---\n')
}
