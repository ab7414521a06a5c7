// What somebody needs who looks at an alert at night: the version that made it, its runbook, what is known
// to be harmless, what was said of the last alerts, what is excluded, what changed lately, and searches
// ready to be asked.

import { permit } from '#domain/access/permission.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { readRuleText, type RuleContent } from '#domain/rules/content.ts'
import { listRuleExclusions } from '#domain/rules/exclusions/actions.ts'
import type { Exclusion } from '#domain/rules/exclusions/exclusion.ts'
import { getRule, getVersion, listVersions } from '#domain/rules/reading.ts'
import type { RuleVersion, RuleWithText } from '#domain/rules/rule.ts'
import { KIND_LANGUAGES } from '#domain/searches/phrasing.ts'
import type { TargetLanguage } from '#domain/targets/port.ts'
import type { RuleId } from '#kernel/id.ts'
import { DAY, HOUR, parseDuration, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { listAlerts, type RuleAlerts } from './alerts.ts'
import { fillIn } from './drilldown.ts'

export interface Drilldown {
  readonly name: string
  readonly language: TargetLanguage
  readonly text: string
  /** Placeholders that nobody gave a value for. */
  readonly missing: readonly string[]
  readonly from: Instant
  readonly to: Instant
}

export interface Triage {
  readonly rule: RuleWithText
  /** The one that fired, or the newest where nobody said which. */
  readonly version: RuleVersion
  readonly isNewest: boolean
  readonly content: RuleContent | undefined
  readonly at: Instant
  readonly alerts: RuleAlerts
  readonly exclusions: readonly Exclusion[]
  /** Newest first: texts of the last week, and where it was deployed since. */
  readonly recent: {
    readonly versions: readonly RuleVersion[]
    readonly placements: readonly NamedPlacement[]
  }
  readonly placements: readonly NamedPlacement[]
  readonly drilldowns: readonly Drilldown[]
}

export interface TriageWanted {
  readonly version?: number | undefined
  /** Of the alert; now when absent. */
  readonly at?: Instant | undefined
  /** Fields of the alert by name. */
  readonly values: Readonly<Record<string, string>>
}

const RECENT_DAYS = 7
const ALERTS_SHOWN = 10
const VERSIONS_SHOWN = 20

/** Throws `forbidden` for a rule or version that is not here. */
export async function readTriage(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  { version, at = caller.now, values }: TriageWanted,
): Promise<Triage> {
  permit(caller, 'health.read')
  const rule = await getRule(house, caller, ruleId)
  const fired = await getVersion(house, caller, ruleId, version ?? rule.version)
  const { value: content } = readRuleText(fired.text)
  const since = caller.now - RECENT_DAYS * DAY
  const versions = await listVersions(house, caller, ruleId, { limit: VERSIONS_SHOWN })
  const placements = await listPlacements(house, caller, { ruleIds: [ruleId] })
  return {
    rule,
    version: fired,
    isNewest: fired.number === rule.version,
    content,
    at,
    alerts: await listAlerts(house, caller, { ruleId, limit: ALERTS_SHOWN }),
    exclusions: await listRuleExclusions(house, caller, ruleId),
    recent: {
      versions: versions.items.filter(({ createdAt }) => createdAt >= since),
      placements: placements.filter((one) => one.since >= since),
    },
    placements,
    drilldowns: drilldownsOf(content, placements, at, values),
  }
}

function drilldownsOf(
  content: RuleContent | undefined,
  placements: readonly NamedPlacement[],
  at: Instant,
  values: Readonly<Record<string, string>>,
): readonly Drilldown[] {
  const kind = placements[0]?.kind ?? 'local'
  const language = KIND_LANGUAGES[kind].find((one) => one !== 'sigma')!
  return (content?.drilldowns ?? []).map(({ name, query, window }) => {
    const halfMs = Math.max(HOUR, (parseDuration(window ?? '') ?? DAY) / 2)
    const filled = fillIn(query, values)
    const [from, to] = [Math.max(0, at - halfMs) as Instant, (at + halfMs) as Instant]
    return { name, language, ...filled, from, to }
  })
}
