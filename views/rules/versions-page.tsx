// The history of a rule: every version with who, when and why; two of them beside each other in words
// and as text; any of them made the newest again.

import type { RuleVersion } from '#domain/rules/rule.ts'
import type { LineRow } from '#domain/rules/merge/side-by-side.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { Time } from '#views/parts/text.tsx'
import { RuleHead, type RuleHeadProps } from './rule-head.tsx'
import { SideBySide } from './side-by-side.tsx'

export interface VersionsPageProps extends RuleHeadProps {
  readonly versions: readonly RuleVersion[]
  readonly next: string | null
  readonly isFirst: boolean
  readonly names: ReadonlyMap<Actor, string>
}

export const VersionsPage = (props: VersionsPageProps) => (
  <>
    <RuleHead {...props} />
    <section class="panel" aria-label="Versions">
      <ol class="rows">
        {props.versions.map((version) => (
          <Version version={version} {...props} newest={props.rule.version} />
        ))}
      </ol>
      <Pager
        shown={`Version ${props.rule.version} is the newest`}
        first={props.isFirst ? null : `${props.path}/versions`}
        next={props.next && `${props.path}/versions?cursor=${encodeURIComponent(props.next)}`}
      />
    </section>
  </>
)

interface VersionProps extends Pick<VersionsPageProps, 'path' | 'names'> {
  readonly version: RuleVersion
  readonly newest: number
}

const Version = ({ version, path, newest, names }: VersionProps) => {
  const { number, restoredFrom } = version
  return (
    <li class="row">
      <span class="mono">v{number}</span>
      {number === newest && <Badge tone="accent">Newest</Badge>}
      <span class="grow break" dir="auto">
        {version.reason || <span class="muted">No reason given</span>}
        {restoredFrom !== null && <span class="muted"> (the text of v{restoredFrom})</span>}
      </span>
      <span class="muted small">
        <bdi>{describeActor(version.createdBy, names)}</bdi> <Time at={version.createdAt} />
      </span>
      {number > 1 && (
        <LinkButton size="s" href={`${path}/versions/${number}?from=${number - 1}`}>
          <span>Changes</span>
          <span class="vh"> of version {number}</span>
        </LinkButton>
      )}
      {number !== newest && (
        <LinkButton size="s" href={`${path}/versions/${newest}?from=${number}`}>
          <span>Against newest</span>
          <span class="vh">, version {number}</span>
        </LinkButton>
      )}
    </li>
  )
}

export interface ComparisonPageProps extends RuleHeadProps {
  readonly before: RuleVersion
  readonly after: RuleVersion
  readonly sentences: readonly string[]
  readonly rows: readonly LineRow[]
}

export const ComparisonPage = (props: ComparisonPageProps) => {
  const { before, after, sentences, path, rule, may } = props
  return (
    <>
      <RuleHead {...props} />
      <div class="stack">
        <Panel
          title={`Version ${before.number} to ${after.number}`}
          id="meaning"
          sub={after.reason}
          action={
            may.write && before.number !== rule.version ? (
              <form method="post" action={`${path}/restore`} class="inline">
                <input type="hidden" name="version" value={before.number} />
                <input type="hidden" name="over" value={rule.version} />
                <Button size="s" icon="history">
                  Restore version {before.number}
                </Button>
              </form>
            ) : undefined
          }
        >
          <PanelBody>
            {sentences.length === 0 ? (
              <p class="muted">Both versions are the same text.</p>
            ) : (
              <ul>
                {sentences.map((sentence) => (
                  <li dir="auto" class="break">
                    {sentence}
                  </li>
                ))}
              </ul>
            )}
          </PanelBody>
        </Panel>
        <Panel title="Text" id="text">
          <SideBySide
            rows={props.rows}
            titles={[`Version ${before.number}`, `Version ${after.number}`]}
          />
        </Panel>
      </div>
    </>
  )
}
