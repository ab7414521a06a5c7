// What stands above every face of a target, and the tabs that lead to the others.

import type { Child } from 'hono/jsx'
import type { Target, TargetHealth } from '#domain/targets/target.ts'
import { Button } from '#views/parts/button.tsx'
import { Head, Tabs } from '#views/parts/panel.tsx'
import { HealthBadge, KindIcon, ModeBadge, STAGE_WORDS } from './words.tsx'

export const TARGET_TABS = [
  ['', 'Overview'],
  ['/rules', 'Rules'],
  ['/privileges', 'Privileges'],
  ['/credentials', 'Credentials'],
  ['/schema', 'Schema'],
  ['/mapping', 'Mapping'],
  ['/settings', 'Settings'],
] as const
export type TargetTab = (typeof TARGET_TABS)[number][0]

export interface TargetHeadProps {
  /** `/w/acme/targets/tgt_…`. */
  readonly path: string
  readonly target: Target
  readonly health: TargetHealth
  readonly kindLabel: string
  readonly tab: TargetTab
  readonly mayWrite: boolean
  /** Its entries in the audit log; null for whoever may not read that. */
  readonly activity: string | null
}

export const TargetHead = (props: TargetHeadProps & { actions?: Child }) => {
  const { path, target, health, kindLabel, tab, mayWrite, activity } = props
  return (
    <>
      <Head
        title={target.name}
        badge={<HealthBadge of={health.state} />}
        actions={
          mayWrite && (
            <form method="post" action={`${path}/check`}>
              <Button kind="primary">Check now</Button>
            </form>
          )
        }
        meta={[
          <>
            <KindIcon of={target.kind} /> {kindLabel}
          </>,
          STAGE_WORDS[target.stage],
          <ModeBadge of={target.mode} />,
        ]}
      />
      <Tabs
        label="Target"
        tabs={[
          ...TARGET_TABS.map(([at, label]) => ({ href: path + at, label, isCurrent: at === tab })),
          ...(target.kind === 'local' ? [{ href: eventsOf(path), label: 'Events' }] : []),
          ...(activity === null ? [] : [{ href: activity, label: 'Activity' }]),
        ]}
      />
    </>
  )
}

/** The sandbox has a page of its own. */
function eventsOf(path: string): string {
  return `${path.slice(0, path.indexOf('/targets/'))}/events`
}
