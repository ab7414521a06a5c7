// One rule of a bundle: what changed there and here, where both met, and what it would become.

import type { Conflict } from '#domain/rules/merge/merge.ts'
import type { UpstreamChoice } from '#domain/rules/upstreams/upstream.ts'
import type { ItemHere, ItemShown } from '#domain/rules/upstreams/looking.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Code, Foreign, NumberedCode } from '#views/parts/text.tsx'
import { Problems } from './problems.tsx'
import { SideBySide } from './side-by-side.tsx'
import { CHOICE_WORDS, ItemMark } from './upstream-page.tsx'

export interface UpstreamItemPageProps extends ItemShown {
  /** `/w/acme/upstreams/ups_…`, and of the list of rules. */
  readonly path: string
  readonly rules: string
  /** What may be chosen; empty where nothing is asked. */
  readonly choices: readonly UpstreamChoice[]
}

export const UpstreamItemPage = (props: UpstreamItemPageProps) => {
  const { item, here, text, path, rules } = props
  return (
    <>
      <Head
        title={item.title ?? item.path}
        badge={<ItemMark item={item} />}
        actions={
          <>
            {item.ruleId !== null && (
              <LinkButton href={`${rules}/${item.ruleId}`}>The rule here</LinkButton>
            )}
            <LinkButton href={path}>The whole plan</LinkButton>
          </>
        }
        meta={[<Foreign class="mono" text={item.path} />]}
      />
      <div class="stack">
        <Said {...props} />
        {props.choices.length > 0 && <Choose {...props} />}
        {item.problems.length > 0 && (
          <Panel title="Problems" id="problems">
            <Problems problems={item.problems} />
          </Panel>
        )}
        {here !== null && <Compared here={here} upstream={props.upstream.name} />}
        {here === null && text !== '' && (
          <Panel title="The document" id="document">
            <NumberedCode label="Text of the document" text={text} />
          </Panel>
        )}
      </div>
    </>
  )
}

const Said = ({ item, upstream }: UpstreamItemPageProps) => {
  const name = upstream.name
  if (item.finding === 'gone') {
    return (
      <Notice tone="unknown" title={`This rule is no longer in ${name}.`}>
        It stays here as it is. Nothing is deleted.
      </Notice>
    )
  }
  if (item.finding === 'deprecated') {
    return (
      <Notice tone="warn" title={`${name} deprecates this rule.`}>
        It stays here until somebody retires it.
      </Notice>
    )
  }
  if (item.finding === 'likely') {
    return (
      <Notice tone="accent" title={`The rule here likely came from ${name}.`}>
        {item.confidence} % sure. Say so, and it follows updates, with what was changed here kept.
      </Notice>
    )
  }
  return item.successor === null ? null : (
    <Notice tone="warn" title={`${name} has another rule in its place.`}>
      Its id is <Foreign class="mono break" text={item.successor} />.
    </Notice>
  )
}

const Choose = ({ path, item, choices }: UpstreamItemPageProps) => (
  <form method="post" action={`${path}/plan/${item.position}`}>
    <Panel title="What shall become of it" id="choose">
      <PanelBody>
        {choices.map((choice) => (
          <p>
            <label class="check">
              <input
                type="radio"
                name="choice"
                value={choice}
                checked={choice === item.choice}
                required
              />
              {CHOICE_WORDS[choice]}
            </label>
          </p>
        ))}
        <div class="row">
          <Button kind="primary">Choose</Button>
        </div>
      </PanelBody>
    </Panel>
  </form>
)

const Compared = ({ here, upstream }: { here: ItemHere; upstream: string }) => (
  <>
    <div class="halves halves-wide">
      {here.theirs !== null && (
        <Words title={`Changed in ${upstream}`} id="theirs" sentences={here.theirs} />
      )}
      <Words title="Changed here" id="ours" sentences={here.ours} />
    </div>
    {here.conflicts.length > 0 && (
      <Panel title="Where both changed" id="conflicts">
        {here.conflicts.map((conflict) => (
          <Clash conflict={conflict} upstream={upstream} />
        ))}
      </Panel>
    )}
    <Panel
      title={here.theirs === null ? 'The document and the rule here' : 'What it would become'}
      id="sides"
    >
      <SideBySide rows={here.rows} titles={titlesOf(here, upstream)} />
    </Panel>
  </>
)

function titlesOf({ theirs, conflicts }: ItemHere, upstream: string): readonly [string, string] {
  if (theirs === null) return [upstream, 'Here now']
  return ['Here now', conflicts.length > 0 ? 'Merged, theirs where both changed' : 'Merged']
}

const Words = (props: { title: string; id: string; sentences: readonly string[] }) => (
  <Panel title={props.title} id={props.id}>
    <PanelBody>
      {props.sentences.length === 0 ? (
        <p class="muted">Nothing.</p>
      ) : (
        <ul class="break">
          {props.sentences.map((sentence) => (
            <li dir="auto">{sentence}</li>
          ))}
        </ul>
      )}
    </PanelBody>
  </Panel>
)

const Clash = ({ conflict, upstream }: { conflict: Conflict; upstream: string }) => (
  <PanelBody>
    <h3 dir="auto">{conflict.path.length === 0 ? 'The whole text' : conflict.path.join(' › ')}</h3>
    {conflict.path.length > 0 && (
      <div class="halves">
        <div>
          <p class="muted small">Ours</p>
          <Code label="Ours" text={show(conflict.mine)} />
        </div>
        <div>
          <p class="muted small" dir="auto">
            {upstream}
          </p>
          <Code label="Theirs" text={show(conflict.theirs)} />
        </div>
      </div>
    )}
  </PanelBody>
)

function show(value: unknown): string {
  if (value === undefined) return '(nothing)'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
