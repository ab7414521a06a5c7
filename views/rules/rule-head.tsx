// What stands above every face of a rule: its name, state and facts, and the tabs that lead to the
// other faces.

import type { RuleSummary } from '#domain/rules/rule.ts'
import type { Child } from 'hono/jsx'
import { Badge, Level } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Head, Tabs } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { RuleStateBadge, TestsMark } from './marks.tsx'

export const RULE_TABS = [
  ['', 'Overview'],
  ['/query', 'Query'],
  ['/tests', 'Tests'],
  ['/versions', 'Versions'],
  ['/deployed', 'Deployed'],
  ['/health', 'Health'],
] as const
export type RuleTab = (typeof RULE_TABS)[number][0]

export interface RuleHeadProps {
  /** `/w/acme/rules/rul_…`. */
  readonly path: string
  readonly rule: RuleSummary
  readonly tab: RuleTab
  readonly may: { readonly write: boolean }
  /** Its entries in the audit log; null for whoever may not read that. */
  readonly activity: string | null
  /** Where it is asked of targets; null for whoever may not search. */
  readonly search: string | null
  /** Where a change of it begins; null for whoever may not make one. */
  readonly deploy: string | null
}

export const RuleHead = (props: RuleHeadProps & { actions?: Child }) => {
  const { path, rule, tab, may, activity, search, deploy } = props
  return (
    <>
      <Head
        title={rule.title}
        badge={<RuleStateBadge of={rule.state} />}
        actions={
          <>
            {props.actions}
            {deploy !== null && rule.state !== 'retired' && (
              <LinkButton icon="rocket" href={deploy}>
                Deploy
              </LinkButton>
            )}
            {search !== null && (
              <LinkButton icon="search" href={search}>
                Search
              </LinkButton>
            )}
            {may.write && rule.state !== 'retired' && (
              <LinkButton kind="primary" href={`${path}/edit`} data-keys="e">
                Edit
              </LinkButton>
            )}
          </>
        }
        meta={[
          rule.level === null ? 'No level' : <Level of={rule.level} />,
          rule.status ?? 'no status',
          <>
            Version {rule.version}, changed <Time at={rule.updatedAt} />
          </>,
          <>
            Tests: <TestsMark rule={rule} />
          </>,
          ...(rule.owner === null ? [] : [<Foreign text={`Owner ${rule.owner}`} />]),
          ...(rule.group === null ? [] : [<Foreign text={`Group ${rule.group}`} />]),
          ...(rule.errorCount === 0
            ? []
            : [<Badge tone="bad">{count(rule.errorCount, 'error')}</Badge>]),
        ]}
      />
      <Tabs
        label="Rule"
        tabs={[
          ...RULE_TABS.map(([at, label]) => ({ href: path + at, label, isCurrent: at === tab })),
          ...(activity === null ? [] : [{ href: activity, label: 'Activity' }]),
        ]}
      />
    </>
  )
}
