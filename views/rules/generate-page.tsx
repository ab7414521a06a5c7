// Test cases made of a rule, shown before they are added: each with its events, and what was left out
// with the reason.

import type { GeneratedCases } from '#domain/rules/testing/generate-cases.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Panel } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'
import { RuleHead, type RuleHeadProps } from './rule-head.tsx'

export interface GeneratePageProps extends RuleHeadProps {
  readonly made: GeneratedCases
  /** `1 match and 6 near-misses` */
  readonly summary: string
}

export const GeneratePage = (props: GeneratePageProps) => {
  const { made, path, rule, may, summary } = props
  const canAdd = may.write && rule.state !== 'retired' && made.cases.length > 0
  return (
    <>
      <RuleHead
        {...props}
        actions={
          canAdd && (
            <form method="post" action={`${path}/tests/generated`} class="inline">
              <Button kind="primary">Add {summary}</Button>
            </form>
          )
        }
      />
      <div class="stack">
        <Panel title="Made of the rule" id="cases" sub={summary}>
          {made.cases.length === 0 ? (
            <Empty icon="circle-check" title="Nothing to add">
              {made.leftOut.length === 0
                ? 'The rule has every case that can be made of it.'
                : 'No event was found; below stands why.'}
            </Empty>
          ) : (
            <ul class="rows">
              {made.cases.map(({ name, expect, events }) => (
                <li class="row">
                  <Badge {...(expect === 'match' ? { tone: 'ok' as const } : {})}>
                    {expect === 'match' ? 'Match' : 'Near-miss'}
                  </Badge>
                  <span class="grow break">
                    <Foreign text={name} />
                    {events.map((event) => (
                      <div class="mono small break">
                        <Foreign text={JSON.stringify(event)} />
                      </div>
                    ))}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
        {made.leftOut.length > 0 && (
          <Panel title="Left out" id="left-out" sub="The rule did not do what the case would say">
            <ul class="rows">
              {made.leftOut.map(({ name, why }) => (
                <li class="row">
                  <span class="grow break">
                    <Foreign text={name} />
                    <div class="muted small break">
                      <Foreign text={why} />
                    </div>
                  </span>
                </li>
              ))}
            </ul>
          </Panel>
        )}
        <div>
          <LinkButton href={`${path}/tests`}>Back to the tests</LinkButton>
        </div>
      </div>
    </>
  )
}
