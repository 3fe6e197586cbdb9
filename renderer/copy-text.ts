// Owns putting a text on the clipboard. Knows nothing else.

/** Copies a text; true when it arrived. Without the clipboard permission the old command is tried. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No permission (Electron denies all, http pages have none): a selected field and the old command still work.
    const field = document.createElement('textarea');
    field.value = text;
    field.setAttribute('aria-hidden', 'true');
    const before = document.activeElement;
    (document.querySelector('[aria-modal="true"]') ?? document.body).append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return copied;
  }
}
