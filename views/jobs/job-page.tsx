// One job: how far it is, and everything known about it.

import type { Actor } from '#kernel/actor.ts'
import type { Job } from '#platform/jobs/job.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { useAnswer } from '#views/parts/answer.ts'
import { LinkButton } from '#views/parts/button.tsx'
import { formatSpan } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Facts, Head, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { Time, Unknown } from '#views/parts/text.tsx'
import { describeJobState, isRunning, JobCard } from './job-card.tsx'

interface JobPageProps {
  readonly job: Job
  readonly names: ReadonlyMap<Actor, string>
  readonly path: string
  readonly mayCancel: boolean
  /** Where what it did is shown; null when nowhere else. */
  readonly results: string | null
}

/** While the job runs the whole page is one part that fetches itself. */
export const JobPage = (props: JobPageProps) => {
  const { job, path } = props
  const [tone, word] = describeJobState(job.state)
  const live = isRunning(job) ? hxLive(`${path}/${job.id}`, [`job-${job.id}`]) : {}
  return (
    <div id="job" {...live}>
      <Head
        title={job.title}
        badge={<Badge tone={tone}>{word}</Badge>}
        actions={
          props.results !== null && <LinkButton href={props.results}>What became of it</LinkButton>
        }
      />
      <div class="stack">
        <section class="panel" aria-label="Progress">
          <JobCard {...props} place="page" />
        </section>
        <Panel title="Facts" id="facts">
          <PanelBody>
            <Facts facts={factsOf(props, useAnswer().now)} />
          </PanelBody>
        </Panel>
      </div>
    </div>
  )
}

function factsOf({ job, names }: JobPageProps, now: number): readonly Fact[] {
  const facts: Fact[] = [
    ['Asked for by', <bdi>{describeActor(job.createdBy, names)}</bdi>],
    ['Asked for', <Time at={job.createdAt} />],
  ]
  if (job.startedAt !== null) {
    facts.push(['Last run began', <Time at={job.startedAt} />])
    facts.push(['It took', job.endedAt === null ? <Unknown>not over</Unknown> : spanOf(job, now)])
  }
  if (job.endedAt !== null) facts.push(['Ended', <Time at={job.endedAt} />])
  facts.push(
    ['Runs', `${job.attempt} of at most ${job.attemptsMax}`],
    ['Kind', <span class="mono">{job.kind}</span>],
    ['Id', <span class="mono">{job.id}</span>],
  )
  return facts
}

const spanOf = (job: Job, now: number): string =>
  formatSpan((job.endedAt ?? now) - (job.startedAt ?? now))
