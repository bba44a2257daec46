// Hand a text or a file of the service to the person.

export function save(name: string, text: string): void {
  // The mark at the beginning tells spreadsheets that it is UTF-8.
  saveBlob(name, new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
}
export function saveBlob(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
