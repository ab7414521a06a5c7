// A folder that somebody chooses: of a clone only what may hold rules is sent, and nothing of `.git`, which
// is larger than everything else and would be refused. Without script all of it is sent.

const RULE_FILE = /\.(?:ya?ml|conf|json|ndjson|zip)$/i

/** Narrows what was chosen before it is sent. */
export function keepFolder({ target }: Event): void {
  if (!(target instanceof HTMLInputElement) || !target.matches('[data-folder]')) return
  const kept = new DataTransfer()
  for (const file of target.files ?? []) {
    const isHidden = /(?:^|\/)\./.test(file.webkitRelativePath)
    if (RULE_FILE.test(file.name) && !isHidden) kept.items.add(file)
  }
  target.files = kept.files
}
