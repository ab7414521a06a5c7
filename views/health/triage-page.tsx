// What somebody needs who looks at an alert of this rule: before all what to do, then what is known.

import type { Drilldown, Triage } from '#domain/health/triage.ts'
import type { Block } from '#languages/markdown/parse.ts'
import { Badge, Level } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { clip, formatNumber } from '#views/parts/format.ts'
import { Markdown } from '#views/parts/markdown.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { ExactTime, Foreign, NumberedCode, Time } from '#views/parts/text.tsx'
import { AlertsTable, DISPOSITION_WORDS } from './dispositions.tsx'

export interface TriagePageProps {
  readonly triage: Triage
  /** `/w/acme/rules/rul_…`, of alerts and of exclusions. */
  readonly path: string
  readonly alerts: string
  readonly exclusions: string
  /** Null for whoever may not search. */
  readonly searches: string | null
  /** Where a hotfix is made; null where nobody may, or nothing runs. */
  readonly hotfix: string | null
  readonly runbook: readonly Block[] | null
  readonly may: { readonly exclude: boolean; readonly dispose: boolean }
}

export const TriagePage = (props: TriagePageProps) => {
  const { triage, path, exclusions, hotfix, may } = props
  const { rule, version, isNewest, content } = triage
  return (
    <>
      <Head
        title={content?.title ?? rule.title}
        actions={
          <>
            {hotfix !== null && (
              <LinkButton icon="clock" href={hotfix}>
                Hotfix
              </LinkButton>
            )}
            {may.exclude && (
              <LinkButton icon="eye-off" href={`${exclusions}/new?rule=${rule.id}`}>
                Propose an exclusion
              </LinkButton>
            )}
            <LinkButton href={path}>The rule</LinkButton>
          </>
        }
        meta={[
          rule.level === null ? 'No level' : <Level of={rule.level} />,
          <>
            <a href={`${path}/versions/${version.number}`}>Version {version.number}</a>
            {isNewest ? ', the newest' : `, the newest is ${rule.version}`}
          </>,
          <>
            Around <ExactTime at={triage.at} />
          </>,
        ]}
      />
      {rule.state === 'retired' && (
        <Notice tone="warn" title="This rule is retired">
          It should stand nowhere any more.
        </Notice>
      )}
      <div class="halves halves-wide">
        <div class="stack">
          <Runbook {...props} />
          <Searches {...props} />
          <LastAlerts {...props} />
        </div>
        <div class="stack">
          <Harmless {...props} />
          <Lately {...props} />
        </div>
      </div>
    </>
  )
}

const Runbook = ({ runbook }: TriagePageProps) => (
  <Panel title="Runbook" id="runbook">
    <PanelBody>
      {runbook === null ? (
        <p class="muted">This rule has no runbook.</p>
      ) : (
        <div class="doc">
          <Markdown blocks={runbook} />
        </div>
      )}
    </PanelBody>
  </Panel>
)

const Searches = ({ triage, searches }: TriagePageProps) => {
  if (searches === null) return null
  const { drilldowns, rule } = triage
  return (
    <Panel title="Look further" id="drilldowns">
      <PanelBody>
        <form method="post" action={searches} class="row">
          <input type="hidden" name="rule" value={rule.id} />
          <Range from={triage.at - DAY_MS / 2} to={triage.at + DAY_MS / 2} />
          <Targets triage={triage} />
          <Button icon="search">What the rule finds around then</Button>
        </form>
        {drilldowns.map((one) => (
          <DrilldownForm one={one} action={searches} triage={triage} />
        ))}
      </PanelBody>
    </Panel>
  )
}

const DAY_MS = 86_400_000

const DrilldownForm = (props: { one: Drilldown; action: string; triage: Triage }) => {
  const { one, action, triage } = props
  return (
    <form method="post" action={action} class="stack-s">
      <h3 class="break" dir="auto">
        {one.name}
      </h3>
      <NumberedCode label={one.name} text={one.text} isWrapped />
      <input type="hidden" name="language" value={one.language} />
      <input type="hidden" name="text" value={one.text} />
      <Range from={one.from} to={one.to} />
      <Targets triage={triage} />
      {one.missing.length > 0 ? (
        <p class="muted small break">
          No value was given for {one.missing.slice(0, 5).join(', ')}.
        </p>
      ) : (
        <div>
          <Button size="s" icon="search">
            Search
          </Button>
        </div>
      )}
    </form>
  )
}

const Range = ({ from, to }: { from: number; to: number }) => (
  <>
    <input type="hidden" name="last" value="custom" />
    <input type="hidden" name="from" value={typed(from)} />
    <input type="hidden" name="to" value={typed(to)} />
  </>
)

const typed = (at: number) => new Date(Math.max(0, at)).toISOString().slice(0, 16)

const Targets = ({ triage: { placements } }: { triage: Triage }) => (
  <>
    {[...new Set(placements.map(({ targetId }) => targetId))].map((id) => (
      <input type="hidden" name="targets" value={id} />
    ))}
  </>
)

const LastAlerts = ({ triage: { alerts }, alerts: path, may }: TriagePageProps) => (
  <Panel
    title="Last alerts"
    id="alerts"
    sub={
      alerts.precision.share === null
        ? `precision unknown, ${formatNumber(alerts.precision.decided)} decided`
        : `${Math.round(alerts.precision.share * 100)} % of ${formatNumber(alerts.precision.decided)} decided were worth it`
    }
  >
    {alerts.items.length === 0 ? (
      <PanelBody>
        <p class="muted">No alert of this rule is known here.</p>
      </PanelBody>
    ) : (
      <AlertsTable alerts={alerts.items} path={path} mayDispose={may.dispose} />
    )}
  </Panel>
)

const Harmless = ({ triage: { content, exclusions: over }, exclusions }: TriagePageProps) => (
  <Panel title="Known to be harmless" id="harmless">
    <PanelBody>
      {(content?.falsepositives.length ?? 0) === 0 ? (
        <p class="muted">The rule names no false positive.</p>
      ) : (
        <ul>
          {content!.falsepositives.map((one) => (
            <li class="break" dir="auto">
              {clip(one, 500)}
            </li>
          ))}
        </ul>
      )}
      <h3>Excluded already</h3>
      {over.length === 0 ? (
        <p class="muted">Nothing.</p>
      ) : (
        <ul>
          {over.map((one) => (
            <li class="break">
              <a href={`${exclusions}/${one.id}`}>
                <Foreign text={clip(one.title, 160)} />
              </a>{' '}
              until <Time at={one.endsAt} />
            </li>
          ))}
        </ul>
      )}
    </PanelBody>
  </Panel>
)

const Lately = ({ triage: { recent, alerts }, path }: TriagePageProps) => {
  const said = alerts.items[0]?.disposition ?? null
  const isQuiet = recent.versions.length === 0 && recent.placements.length === 0
  return (
    <Panel title="Changed in the last 7 days" id="lately">
      <PanelBody>
        {isQuiet && <p class="muted">Nothing.</p>}
        <ul>
          {recent.placements.map((one) => (
            <li class="break">
              Version {one.version} on <Foreign text={one.targetName} /> <Time at={one.since} />
            </li>
          ))}
          {recent.versions.map((one) => (
            <li class="break">
              <a href={`${path}/versions/${one.number}`}>Version {one.number}</a>{' '}
              <Time at={one.createdAt} /> <Foreign text={clip(one.reason, 160)} />
            </li>
          ))}
        </ul>
        {said !== null && (
          <p>
            The last alert was <Badge>{DISPOSITION_WORDS[said]}</Badge>
          </p>
        )}
      </PanelBody>
    </Panel>
  )
}
