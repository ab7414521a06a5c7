// One search: the question, what became of it at each target, and what was found.

import type { Pin } from '#domain/searches/pins.ts'
import type { Search, SearchOutcome } from '#domain/searches/search.ts'
import type { Actor } from '#kernel/actor.ts'
import { KIND_NAMES, LANGUAGE_NAMES } from '#kernel/siem.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { count, formatBytes, formatExact, formatNumber, formatSpan } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { hxLive } from '#views/parts/hx.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { NumberedCode, Time } from '#views/parts/text.tsx'
import { RowsOverTime } from './histogram.tsx'
import { Pins } from './pins.tsx'
import { urlOf } from './results-state.ts'
import { Results, type ResultsProps } from './results.tsx'
import { Segments } from './segments.tsx'
import { SearchBadge, verdictOf } from './words.tsx'

export interface SearchPageProps extends ResultsProps {
  /** `/w/acme/rules`. */
  readonly rules: string
  /** Undefined while something still runs. */
  readonly outcome: SearchOutcome | undefined
  readonly pins: readonly Pin[]
  readonly names: ReadonlyMap<Actor, string>
  /** The saved search it is a run of, if the reader may see that. */
  readonly saved: { readonly id: string; readonly name: string } | null
}

export const SearchPage = (props: SearchPageProps) => {
  const { search, path, state, outcome } = props
  const verdict = verdictOf(search, outcome)
  const running = search.segments.flatMap(({ endedAt, jobId }) =>
    endedAt !== null || jobId === null ? [] : [`job-${jobId}`],
  )
  const live = running.length > 0 ? hxLive(urlOf(path, state), running) : {}
  return (
    <div id="search" {...live}>
      <Head
        title={search.title}
        badge={<SearchBadge outcome={outcome} />}
        actions={<Acts {...props} isRunning={outcome === undefined} />}
        meta={[
          <bdi>{describeActor(search.createdBy, props.names)}</bdi>,
          <Time at={search.createdAt} />,
          `${formatExact(search.from)} to ${formatExact(search.to)}`,
          capsInWords(search.caps),
          search.evidenceDays === 0
            ? 'rows in memory only'
            : `rows kept ${count(search.evidenceDays, 'day')}, sealed`,
        ]}
      />
      <div class="stack">
        <Notice tone={verdict.tone} title={verdict.title}>
          {verdict.text}
        </Notice>
        <Segments segments={search.segments} path={path} />
        <RowsOverTime search={search} />
        <Pins pins={props.pins} path={path} names={props.names} />
        <Results {...props} />
        <Question {...props} />
      </div>
    </div>
  )
}

/** Of each target. */
function capsInWords({ rows, bytes, seconds, scanned }: Search['caps']): string {
  const most = [
    `${formatNumber(rows)} rows`,
    formatBytes(bytes),
    formatSpan(seconds * 1_000),
    ...(scanned === null ? [] : [`${formatNumber(scanned)} events read`]),
  ]
  return `at most ${most.join(', ')} a target`
}

const Acts = ({
  search,
  path,
  root,
  saved,
  isRunning,
}: SearchPageProps & { isRunning: boolean }) => (
  <>
    {isRunning ? (
      <form method="post" action={`${path}/cancel`} class="inline">
        <Button kind="danger">Cancel search</Button>
      </form>
    ) : (
      <>
        <LinkButton href={`${path}/rows.ndjson`} icon="download">
          NDJSON
        </LinkButton>
        <LinkButton href={`${path}/rows.csv`} icon="download">
          CSV
        </LinkButton>
      </>
    )}
    {saved === null ? (
      <LinkButton href={`${path}/save`}>Save</LinkButton>
    ) : (
      <LinkButton href={`${root}/saved/${saved.id}`}>Saved search</LinkButton>
    )}
    <LinkButton kind="primary" href={`${root}/new?again=${search.id}`}>
      Ask again
    </LinkButton>
  </>
)

const Question = ({ search, rules }: SearchPageProps) => (
  <Panel
    title="What was asked"
    id="question"
    sub={LANGUAGE_NAMES[search.language]}
    action={
      search.ruleId !== null && (
        <LinkButton size="s" href={`${rules}/${search.ruleId}`}>
          The rule
        </LinkButton>
      )
    }
  >
    <NumberedCode label="The question" text={search.text} isWrapped />
    {search.purpose !== '' && (
      <PanelBody>
        <p dir="auto">
          <span class="muted">Why: </span>
          {search.purpose}
        </p>
      </PanelBody>
    )}
    {search.segments
      .filter(({ text }) => text !== '' && text !== search.text)
      .map(({ targetName, kind, language, text }) => (
        <details class="sent">
          <summary>
            <Icon name="chevron-down" size="s" /> What <bdi>{targetName}</bdi> was sent (
            {KIND_NAMES[kind]}, {LANGUAGE_NAMES[language]})
          </summary>
          <NumberedCode label={`What ${targetName} was sent`} text={text} isWrapped />
        </details>
      ))}
  </Panel>
)
