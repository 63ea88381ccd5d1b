/** Whether `text` is of the form `pattern`, in which `*` stands for anything. Takes no longer than pattern times text, whatever they are. */
export function isLike(pattern: string, text: string): boolean {
  let [at, place] = [0, 0];
  let [star, resume] = [-1, 0];
  while (at < text.length) {
    if (pattern[place] === "*") {
      star = place++;
      resume = at;
    } else if (pattern[place] === text[at]) {
      place++;
      at++;
    } else if (star >= 0) {
      // The last star takes one character more.
      place = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[place] === "*") place++;
  return place === pattern.length;
}
