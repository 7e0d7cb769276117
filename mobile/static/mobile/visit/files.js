/** Files of the API, on the phone. */

/** Let the phone keep a file. @param {Blob} blob  @param {string} name */
export function keepFile(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
