/** A row of column heads. @param numbers - how many at the end are of numbers */
export function Heads({ names, numbers = 0 }: { names: readonly string[]; numbers?: number }) {
  return (
    <thead>
      <tr>
        {names.map((name, i) => (
          <th scope="col" key={name} className={i >= names.length - numbers ? "number" : undefined}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
