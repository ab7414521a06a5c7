// A rule at a glance: what it is for, what to do when it fires, and what is wrong with its text.

import type { StandsAt } from '#domain/adoption/standing.ts'
import type { ExaminedRule } from '#domain/rules/examined.ts'
import type { RuleOriginShown } from '#domain/rules/upstreams/looking.ts'
import type { RuleContent } from '#domain/rules/content.ts'
import type { Block } from '#languages/markdown/parse.ts'
import type { AttackTags, TagFix } from '#languages/attack/tags.ts'
import { StandingsPanel } from '#views/adoption/standings-panel.tsx'
import { AttackBadges } from '#views/parts/attack.tsx'
import { Button } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Markdown } from '#views/parts/markdown.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { ExternalLink, Foreign } from '#views/parts/text.tsx'
import { ExclusionsPanel, type ExclusionsPanelProps } from './exclusions-panel.tsx'
import { Problems } from './problems.tsx'
import { Origin } from './origin.tsx'
import { RuleHead, type RuleHeadProps } from './rule-head.tsx'

export interface RulePageProps extends RuleHeadProps {
  /** `/w/acme/targets`. */
  readonly targets: string
  readonly standings: readonly StandsAt[]
  readonly exclusions: Omit<ExclusionsPanelProps, 'rule'>
  readonly examined: ExaminedRule
  readonly runbook: readonly Block[] | null
  /** Null for a rule that follows no upstream. */
  readonly origin: RuleOriginShown | null
  readonly attack: { readonly tags: AttackTags; readonly fixes: readonly TagFix[] }
}

export const RulePage = (props: RulePageProps) => {
  const { examined, rule, path, may } = props
  const { content, problems } = examined
  return (
    <>
      <RuleHead
        {...props}
        actions={
          may.write && (
            <form
              method="post"
              class="inline"
              action={`${path}/${rule.state === 'retired' ? 'revival' : 'retirement'}`}
            >
              <Button>{rule.state === 'retired' ? 'Revive' : 'Retire'}</Button>
            </form>
          )
        }
      />
      <div class="stack">
        {rule.state === 'retired' && (
          <Notice tone="unknown" title="This rule is retired.">
            It keeps its history and is left out of lists. Revive it to work on it again.
          </Notice>
        )}
        <div class="halves halves-wide">
          <div class="stack">
            {content && <About content={content} />}
            <Panel title="Runbook" id="runbook">
              <PanelBody>
                {props.runbook === null ? (
                  <p class="muted">
                    Nothing is written yet about what to do when this rule fires. It stands in the
                    rule file under <code>rulewright: runbook</code>.
                  </p>
                ) : (
                  <Markdown blocks={props.runbook} />
                )}
              </PanelBody>
            </Panel>
          </div>
          <div class="stack">
            <StandingsPanel targets={props.targets} standings={props.standings} />
            {problems.length > 0 && (
              <Panel title="Problems" id="problems" sub={count(problems.length, 'problem')}>
                <Problems problems={problems} />
              </Panel>
            )}
            {props.origin !== null && (
              <Origin origin={props.origin} path={path} mayWrite={may.write} />
            )}
            <Attack {...props.attack} />
            {rule.kind === 'rule' && <ExclusionsPanel {...props.exclusions} rule={rule.id} />}
            {content && (
              <Panel title="Facts" id="facts">
                <PanelBody>
                  <Facts facts={factsOf(content)} />
                </PanelBody>
              </Panel>
            )}
          </div>
        </div>
      </div>
    </>
  )
}

const Attack = (attack: RulePageProps['attack']) => (
  <Panel title="ATT&CK" id="attack">
    <PanelBody>
      {attack.tags.techniques.length + attack.tags.tactics.length === 0 ? (
        <p class="muted">No tag names a tactic or technique.</p>
      ) : (
        <AttackBadges {...attack} />
      )}
    </PanelBody>
  </Panel>
)

const About = ({ content }: { content: RuleContent }) => (
  <Panel title="About" id="about">
    <PanelBody>
      {content.description === null ? (
        <p class="muted">The rule has no description.</p>
      ) : (
        <p class="prose" dir="auto">
          {content.description}
        </p>
      )}
      {content.falsepositives.length > 0 && (
        <>
          <h3>Known false positives</h3>
          <ul>
            {content.falsepositives.map((text) => (
              <li dir="auto">{text}</li>
            ))}
          </ul>
        </>
      )}
      {content.references.length > 0 && (
        <>
          <h3>References</h3>
          <ul class="break">
            {content.references.map((url) => (
              <li>
                <ExternalLink url={url} />
              </li>
            ))}
          </ul>
        </>
      )}
    </PanelBody>
  </Panel>
)

function factsOf(content: RuleContent): readonly Fact[] {
  const { logsource, schedule } = content
  const source = logsource && [logsource.product, logsource.category, logsource.service]
  const facts: (readonly [string, string | null | undefined])[] = [
    ['Sigma id', content.sigmaId],
    ['Kind', content.kind === 'correlation' ? 'correlation rule' : `${content.format} rule`],
    ['Log source', source?.filter(Boolean).join(' / ')],
    ['Builds on', content.refersTo.join(', ')],
    ['Author', content.author],
    ['Written', content.date],
    ['Modified', content.modified],
    ['Confidence', content.confidence],
    ['Schedule', schedule && describeSchedule(schedule)],
    ['Entities', content.entities.map(({ type, field }) => `${type}: ${field}`).join(', ')],
    ['Output', content.output.kind.replace('_', ' ')],
  ]
  return facts.flatMap(([term, value]) =>
    value ? [[term, <Foreign class="break" text={value} />] as const] : [],
  )
}

function describeSchedule({ every, cron, window }: NonNullable<RuleContent['schedule']>): string {
  const rhythm = cron === undefined ? every && `every ${every}` : `cron ${cron}`
  return [rhythm, window && `over the last ${window}`].filter(Boolean).join(', ')
}
