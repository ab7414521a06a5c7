// One rule, at each target where it stands: how it fares and why that is so, 90 days of alerts, when it
// did not run.

import type { RuleAdvice } from '#domain/health/advising.ts'
import type { RuleHealthAt } from '#domain/health/figures.ts'
import type { Gap } from '#domain/health/gaps.ts'
import type { Child } from 'hono/jsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { formatDate, formatExact, formatNumber, formatSpan } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Facts, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { RuleHead, type RuleHeadProps } from '#views/rules/rule-head.tsx'
import { DayTable } from './spark.tsx'
import { HealthStateBadge } from './words.tsx'

export interface RuleHealthPageProps extends RuleHeadProps {
  readonly places: readonly RuleHealthAt[]
  readonly advised: RuleAdvice
  /** What is needed with an alert. */
  readonly triage: string
  /** Of the list of searches; null for whoever may not search. */
  readonly searches: string | null
}

export const RuleHealthPage = (props: RuleHealthPageProps) => (
  <>
    <RuleHead {...props} />
    {props.places.length === 0 ? (
      <section class="panel" aria-label="Health">
        <Empty icon="activity" title="Nothing is known yet">
          A rule that stands on a target is looked at within a quarter of an hour. This one stands
          nowhere, or was deployed just now.
        </Empty>
      </section>
    ) : (
      <div class="stack">
        <Advised {...props} />
        {props.places.map((place) => (
          <PlacePanel place={place} searches={props.searches} path={props.path} />
        ))}
      </div>
    )}
  </>
)

const ADVICE_WORDS = {
  keep: ['ok', 'Keep it'],
  tune: ['warn', 'Tune it'],
  retire: ['warn', 'Consider retiring it'],
} as const

const Advised = ({ advised: { advice, precision, soleCoverOf }, triage }: RuleHealthPageProps) => (
  <Panel
    title="What the numbers say"
    id="advice"
    sub={
      advice === null ? (
        <Unknown>too little is known</Unknown>
      ) : (
        <Badge tone={ADVICE_WORDS[advice.kind][0]}>{ADVICE_WORDS[advice.kind][1]}</Badge>
      )
    }
    action={
      <LinkButton size="s" href={triage}>
        Triage
      </LinkButton>
    }
  >
    <PanelBody>
      {advice !== null && <p>{advice.reason}</p>}
      <Facts
        facts={[
          [
            'Precision',
            precision.share === null ? (
              <>
                <Unknown />, {formatNumber(precision.decided)} decided
              </>
            ) : (
              `${Math.round(precision.share * 100)} % of ${formatNumber(precision.decided)} decided`
            ),
          ],
          ['Alone covers', soleCoverOf.length === 0 ? 'nothing' : soleCoverOf.join(', ')],
        ]}
      />
    </PanelBody>
  </Panel>
)

interface PlaceProps {
  readonly place: RuleHealthAt
  readonly searches: string | null
  readonly path: string
}

const PlacePanel = ({ place, searches, path }: PlaceProps) => (
  <Panel
    title={place.targetName}
    id={`at-${place.targetId}`}
    sub={<HealthStateBadge of={place.state} />}
  >
    <PanelBody>
      {place.reason !== '' && (
        <p class="break" dir="auto">
          {place.reason}
        </p>
      )}
      <Timeline place={place} />
      <Facts facts={factsOf(place)} />
    </PanelBody>
    {place.gaps.length > 0 && <Gaps gaps={place.gaps} searches={searches} path={path} />}
  </Panel>
)

const WIDTH = 960
const HEIGHT = 96

/** Alerts as bars; days of which nothing is known stay empty and are marked below. */
const Timeline = ({ place: { days } }: { place: RuleHealthAt }) => {
  const highest = Math.max(1, ...days.map(({ alerts }) => alerts ?? 0))
  const step = WIDTH / days.length
  const known = days.filter(({ alerts }) => alerts !== null)
  return (
    <figure class="timeline">
      <svg
        class="hist"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Alerts by the day over ${days.length} days, ${known.length} of them known, at most ${highest} a day`}
      >
        {days.map(({ alerts, day }, at) =>
          alerts === null ? (
            <rect class="gap" x={at * step + 1} y={HEIGHT - 4} width={step - 2} height={3} />
          ) : (
            <rect
              class="all"
              x={at * step + 1}
              y={HEIGHT - Math.max(1, (alerts / highest) * HEIGHT)}
              width={step - 2}
              height={Math.max(1, (alerts / highest) * HEIGHT)}
            >
              <title>{`${formatDate(day)}: ${alerts}`}</title>
            </rect>
          ),
        )}
      </svg>
      <figcaption class="hist-axis small muted">
        <span>{formatDate(days[0]!.day)}</span>
        <span>Alerts by the day</span>
        <span>today</span>
      </figcaption>
      <DayTable days={days} />
    </figure>
  )
}

function factsOf({
  figures,
  since,
  watchedFrom,
  judgedAt,
  version,
}: RuleHealthAt): readonly Fact[] {
  const { day, month, perDay } = figures
  return [
    ['Since', <Time at={since} />],
    ['Version there', String(version)],
    ['Last run', figures.lastRunAt === null ? <Unknown /> : <Time at={figures.lastRunAt} />],
    ...(figures.lastError === null
      ? []
      : [['Last error', <Foreign text={figures.lastError} class="break" />] as const]),
    ['Runs of the last day', runsInWords(day.ran, day.failed, day.skipped)],
    ['A run takes', numberOr(day.latencyMs, formatSpan)],
    ['Alerts of the last day', numberOr(day.alerts, formatNumber)],
    ['Alerts of 30 days', numberOr(month.alerts, formatNumber)],
    ['Alerts a day', numberOr(perDay, formatNumber)],
    ['Data flow', FLOW_WORDS[figures.flow]],
    ...(figures.sources.length === 0
      ? []
      : [['Reads', <Foreign text={figures.sources.join('; ')} class="break" />] as const]),
    ['Watched since', <Time at={watchedFrom} />],
    ['Looked at', <Time at={judgedAt} />],
  ]
}

const FLOW_WORDS = {
  flowing: 'Events come in',
  stopped: 'Stopped',
  unknown: <Unknown />,
} as const

function numberOr(value: number | null, words: (value: number) => string): Child {
  return value === null ? <Unknown /> : words(value)
}

function runsInWords(ran: number | null, failed: number | null, skipped: number | null): Child {
  if (ran === null) return <Unknown />
  const parts = [
    formatNumber(ran),
    ...(failed === null || failed === 0 ? [] : [`${formatNumber(failed)} failed`]),
    ...(skipped === null || skipped === 0 ? [] : [`${formatNumber(skipped)} skipped`]),
  ]
  return parts.join(', ')
}

interface GapsProps {
  readonly gaps: readonly Gap[]
  readonly searches: string | null
  readonly path: string
}

const Gaps = ({ gaps, searches, path }: GapsProps) => (
  <PanelBody>
    <h3>When it did not run</h3>
    <ul class="plain">
      {gaps.map((gap) => (
        <li>
          {formatExact(gap.from)} to {formatExact(gap.to)}:{' '}
          <GapState gap={gap} searches={searches} />
        </li>
      ))}
    </ul>
    {searches !== null && gaps.some(({ state }) => state === 'planned') && (
      <form method="post" action={`${path}/health/backfill`}>
        <Button size="s" icon="search">
          Search what was missed
        </Button>
      </form>
    )}
  </PanelBody>
)

const GapState = ({ gap, searches }: { gap: Gap; searches: string | null }) => {
  if (gap.state === 'planned') return <>not made up for yet</>
  if (gap.searchId === null || searches === null) return <>asked again</>
  return <a href={`${searches}/${gap.searchId}`}>asked again</a>
}
