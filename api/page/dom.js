// Elements are made here and nowhere else: text goes in as text, never as markup.

export const byId = (id) => document.getElementById(id);

export function element(tag, { text, classes, attributes, on } = {}, ...children) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (classes) made.className = classes;
  for (const [name, value] of Object.entries(attributes ?? {})) made.setAttribute(name, value);
  for (const [name, handler] of Object.entries(on ?? {})) made.addEventListener(name, handler);
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function shape(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Change only what differs: the table is rewritten four times a second.
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
