// Writing a rule: its file as text, why it is saved, and what is wrong with it beside. It works without
// script; nothing typed is lost when a save is refused or overtaken.

import type { Kind, KindRow } from '#domain/rules/renders/kinds.ts'
import type { Conflict } from '#domain/rules/merge/merge.ts'
import type { QuickFix } from '#domain/rules/quick-fix.ts'
import type { Rendering } from '#domain/rules/renders/render.ts'
import type { Problem } from '#kernel/problem.ts'
import { useAnswer } from '#views/parts/answer.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, TextArea } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { hx } from '#views/parts/hx.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Code } from '#views/parts/text.tsx'
import { Preview } from './preview.tsx'
import { Problems } from './problems.tsx'

export interface EditPageProps {
  readonly title: string
  /** Where the form goes, and where one goes back to. */
  readonly path: string
  readonly back: string
  /** Where the words are that the editor offers. */
  readonly words: string
  readonly text: string
  readonly reason: string
  /** The version the text began from; null for a new rule. */
  readonly version: number | null
  /** Of the text as it was checked or refused; null when it was not looked at yet. */
  readonly problems: readonly Problem[] | null
  /** What can be written otherwise without a doubt. */
  readonly fixes: readonly Pick<QuickFix, 'key' | 'why' | 'label'>[]
  readonly preview: readonly Rendering[] | null
  readonly kind: Kind
  readonly kinds: Readonly<Record<Kind, KindRow>>
  /** Why the save did not happen, in a sentence. */
  readonly refusal: string | null
  /** What both sides changed while somebody else saved; null when nobody did. */
  readonly overtaken: readonly Conflict[] | null
}

export const EditPage = (props: EditPageProps) => {
  const { asset } = useAnswer()
  return (
    <>
      <Head
        title={props.title}
        actions={
          props.version === null && (
            <LinkButton href={`${props.path}/from`}>From a template or an event</LinkButton>
          )
        }
      />
      <form method="post" action={props.path} enctype="multipart/form-data" class="stack">
        {props.refusal !== null && (
          <Notice tone="bad" title="This was not saved.">
            {props.refusal}
          </Notice>
        )}
        {props.overtaken !== null && <Overtaken conflicts={props.overtaken} />}
        {props.version !== null && <input type="hidden" name="version" value={props.version} />}
        <div class="halves halves-wide">
          <Panel title="Rule file" id="file">
            <PanelBody>
              <Field
                name="text"
                label="Text"
                hint="A Sigma document; what Sigma has no place for stands under the key rulewright."
              >
                {(attributes) => (
                  <TextArea
                    {...attributes}
                    class="input mono editor-text"
                    value={props.text}
                    rows={28}
                    spellcheck="false"
                    autocapitalize="off"
                    wrap="off"
                    data-editor={asset('editor.js')}
                    data-words={props.words}
                  />
                )}
              </Field>
              <Field name="reason" label="Why this version" hint="Kept with it for good.">
                {(attributes) => (
                  <input {...attributes} type="text" maxlength={2_000} value={props.reason} />
                )}
              </Field>
              <div class="row">
                <Button kind="primary" name="act" value="save">
                  Save
                </Button>
                <Button name="act" value="check">
                  Check
                </Button>
                <LinkButton href={props.back} kind="quiet">
                  Cancel
                </LinkButton>
              </div>
            </PanelBody>
          </Panel>
          <div class="stack">
            <Found {...props} />
            <Preview {...props} />
          </div>
        </div>
      </form>
    </>
  )
}

type FoundProps = Pick<EditPageProps, 'path' | 'problems' | 'fixes'>

/** Looks at the text again when somebody has stopped typing; the editor marks what it lists. */
export const Found = ({ path, problems, fixes }: FoundProps) => (
  <div
    id="problems"
    {...hx({
      post: path,
      trigger: 'input from:#field-text delay:300ms',
      swap: 'outerMorph',
      sync: 'this:replace',
      include: 'closest form',
    })}
  >
    <Panel
      title="Problems"
      id="found"
      sub={problems === null ? 'not checked yet' : count(problems.length, 'problem')}
    >
      {fixes.length > 0 && <Fixes fixes={fixes} />}
      {problems !== null && problems.length > 0 ? (
        <Problems problems={problems} />
      ) : (
        <PanelBody>
          <p class="muted">
            {problems === null
              ? 'Check tells what is wrong without saving. A rule with errors can be saved; it says so and compiles nowhere.'
              : 'Nothing is wrong with this text.'}
          </p>
        </PanelBody>
      )}
    </Panel>
  </div>
)

/** Each writes one thing otherwise, at its place; nothing is saved by it. */
const Fixes = ({ fixes }: Pick<EditPageProps, 'fixes'>) => (
  <ul class="rows" aria-label="Quick fixes">
    {fixes.map(({ key, why, label }) => (
      <li>
        <span class="grow break" dir="auto">
          {why}
        </span>
        <Button size="s" name="fix" value={key}>
          {label}
        </Button>
      </li>
    ))}
  </ul>
)

const Overtaken = ({ conflicts }: { conflicts: readonly Conflict[] }) => (
  <>
    <Notice tone="warn" title="Somebody else saved this rule meanwhile.">
      Your edit and theirs are merged below; nothing is saved yet.{' '}
      {conflicts.length === 0
        ? 'No place was changed by both. Save keeps both edits.'
        : `${count(conflicts.length, 'place')} was changed by both: the text has yours. Put theirs in where it is right, then save.`}
    </Notice>
    {conflicts.map((conflict) => (
      <Panel title={conflict.path.join(' / ') || 'The whole text'}>
        <PanelBody>
          <div class="halves">
            <div>
              <h3>Yours</h3>
              <Code label="Yours" text={sayValue(conflict.mine)} />
            </div>
            <div>
              <h3>Theirs</h3>
              <Code label="Theirs" text={sayValue(conflict.theirs)} />
            </div>
          </div>
        </PanelBody>
      </Panel>
    ))}
  </>
)

function sayValue(value: unknown): string {
  if (value === undefined) return '(nothing)'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
