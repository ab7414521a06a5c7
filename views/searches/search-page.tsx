// One search: the question, what became of it at each target, and what was found.

import type { SearchOutcome } from '#domain/searches/search.ts'
import { KIND_NAMES, LANGUAGE_NAMES } from '#kernel/siem.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { count, formatExact, formatNumber, formatSpan } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { NumberedCode, Time } from '#views/parts/text.tsx'
import { RowsOverTime } from './histogram.tsx'
import { Results, urlOf, type ResultsProps } from './results.tsx'
import { Segments } from './segments.tsx'
import { SearchBadge, verdictOf } from './words.tsx'

export interface SearchPageProps extends ResultsProps {
  /** `/w/acme/searches`. */
  readonly root: string
  /** `/w/acme/rules`. */
  readonly rules: string
  /** Undefined while something still runs. */
  readonly outcome: SearchOutcome | undefined
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
          describeActor(search.createdBy),
          <Time at={search.createdAt} />,
          `${formatExact(search.from)} to ${formatExact(search.to)}`,
          `at most ${formatNumber(search.caps.rows)} rows and ${formatSpan(search.caps.seconds * 1_000)} a target`,
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
        <Results {...props} />
        <Question {...props} />
      </div>
    </div>
  )
}

const Acts = ({ search, path, root, isRunning }: SearchPageProps & { isRunning: boolean }) => (
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
    <form method="post" action={`${path}/save`} class="inline">
      <input type="hidden" name="saved" value={search.isSaved ? 'no' : 'yes'} />
      <Button>{search.isSaved ? 'Saved: forget' : 'Save'}</Button>
    </form>
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
        <details class="panel-body">
          <summary>
            What <bdi>{targetName}</bdi> was sent ({KIND_NAMES[kind]}, {LANGUAGE_NAMES[language]})
          </summary>
          <NumberedCode label={`What ${targetName} was sent`} text={text} isWrapped />
        </details>
      ))}
  </Panel>
)
