// What a text would become at each kind of place, beside it while it is written: the query, where it looks
// and what is said about it, or why there is none. Each kind is a choice, so that one stays open while
// its query changes.

import type { Kind, KindRow } from '#domain/rules/renders/kinds.ts'
import type { Rendering } from '#domain/rules/renders/render.ts'
import { TONE_ICONS } from '#views/parts/badge.tsx'
import { count } from '#views/parts/format.ts'
import { hx } from '#views/parts/hx.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { NumberedCode } from '#views/parts/text.tsx'
import { Problems } from './problems.tsx'

export interface PreviewProps {
  /** Where the form of the editor goes. */
  readonly path: string
  /** Null when the text was not compiled yet. */
  readonly preview: readonly Rendering[] | null
  /** The one that is open. */
  readonly kind: Kind
  readonly kinds: Readonly<Record<Kind, KindRow>>
}

/** Compiles the text again when somebody has stopped typing for longer than the check waits. */
export const Preview = ({ path, preview, kind, kinds }: PreviewProps) => (
  <div
    id="preview"
    {...hx({
      post: path,
      trigger: 'input from:#field-text delay:600ms',
      swap: 'outerMorph',
      sync: 'this:replace',
      include: 'closest form',
    })}
  >
    <Panel title="Compiled" id="compiled" sub={preview === null ? 'not yet' : sumUp(preview)}>
      {preview === null ? (
        <PanelBody>
          <p class="muted">Check shows the query for each kind of place beside the problems.</p>
        </PanelBody>
      ) : (
        <>
          <fieldset class="kinds">
            <legend class="vh">Show the query for</legend>
            {preview.map((one) => (
              <label>
                <input
                  type="radio"
                  name="kind"
                  id={`kind-${one.kind}`}
                  value={one.kind}
                  checked={one.kind === kind}
                />
                <Mark of={one} />
                {kinds[one.kind].label}
              </label>
            ))}
          </fieldset>
          {preview.map((one) => (
            <Compiled one={one} label={kinds[one.kind].label} />
          ))}
        </>
      )}
    </Panel>
  </div>
)

function sumUp(preview: readonly Rendering[]): string {
  const fine = preview.filter(({ state }) => state === 'ok').length
  return `for ${fine} of ${count(preview.length, 'kind')} of place`
}

const Mark = ({ of: { state, problems } }: { of: Rendering }) => {
  const tone = state === 'refused' ? 'unknown' : problems.length > 0 ? 'warn' : 'ok'
  const word = { unknown: 'refused', warn: 'with warnings', ok: 'compiles' }[tone]
  return (
    <span class="tone" data-tone={tone}>
      <Icon name={TONE_ICONS[tone]} size="s" />
      <span class="vh">{word}: </span>
    </span>
  )
}

const Compiled = ({ one, label }: { one: Rendering; label: string }) => (
  <div class="kind" data-kind={one.kind}>
    {one.indexes.length > 0 && (
      <p class="kind-note muted small">
        Looks in <code class="break">{one.indexes.join(', ')}</code>
      </p>
    )}
    {one.queries.map((query, at) => (
      <NumberedCode
        label={`Query for ${label}${one.queries.length > 1 ? `, ${at + 1}` : ''}`}
        text={query}
        isWrapped
      />
    ))}
    {one.state === 'ok' && one.queries.length === 0 && (
      <p class="kind-note muted">Runs as it is written, on events that Rulewright holds itself.</p>
    )}
    {one.problems.length > 0 && <Problems problems={one.problems} />}
  </div>
)
