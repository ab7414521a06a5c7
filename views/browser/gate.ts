// A second lock behind hx-csp, which has holes once markup has been injected: a form with two controls
// named "attributes" hides its attributes from the stripping and is then let through; elements without
// own hx- attributes are boosted without a nonce; hx-swap-oob, hx-partial, hx-preserve and
// ":inherited" on ancestors are never checked. Rules here: no own stamp, no action; no hx-on at all; no
// inheritance; a second swap only into a place that asks for it.

interface SwapTask {
  readonly type: 'main' | 'oob' | 'partial'
  readonly target: Element | null
  readonly fragment: DocumentFragment
}

interface HtmxExtension {
  htmx_before_init(element: Element): boolean
  htmx_before_on_init(): boolean
  htmx_before_swap(element: Element, detail: { tasks: SwapTask[] }): void
}

declare const htmx: { registerExtension(name: string, extension: HtmxExtension): void }

// Called on the prototype: a form's controls can stand in for its properties, never for these.
const attribute = (element: Element, name: string) =>
  Element.prototype.getAttribute.call(element, name)
const attributeNames = (element: Element) => Element.prototype.getAttributeNames.call(element)
const parentOf = (element: Element) =>
  Reflect.get(Node.prototype, 'parentElement', element) as Element | null

const pageNonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce

function inherits(element: Element): boolean {
  for (let above: Element | null = element; above; above = parentOf(above)) {
    const isSpread = attributeNames(above).some(
      (name) => name.startsWith('hx-') && /:(inherited|append)/.test(name),
    )
    if (isSpread) return true
  }
  return false
}

htmx.registerExtension('gate', {
  htmx_before_init: (element) =>
    pageNonce !== undefined && attribute(element, 'hx-nonce') === pageNonce && !inherits(element),
  htmx_before_on_init: () => false,
  htmx_before_swap(_element, { tasks }) {
    for (let index = tasks.length - 1; index >= 0; index--) {
      const { type, target, fragment } = tasks[index]!
      for (const kept of fragment.querySelectorAll('[hx-preserve]')) {
        kept.removeAttribute('hx-preserve')
      }
      if (type !== 'main' && !target?.hasAttribute('data-partials')) tasks.splice(index, 1)
    }
  },
})
