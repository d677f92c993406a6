/** Names as `datasets.timeseries` gives them: those that Dask uses. */
export const seriesNames: readonly string[] = words(
  `Alice Bob Charlie Dan Edith Frank George Hannah Ingrid Jerry Kevin Laura Michael Norbert Oliver Patricia Quinn Ray
   Sarah Tim Ursula Victor Wendy Xavier Yvonne Zelda`,
);

/** First names of people. */
export const firstNames: readonly string[] = words(
  `Ada Amir Anna Arthur Beatriz Bruno Carla Chen Daniela David Elena Emil Fatima Felix Gloria Hugo Ines Ivan Jamila
   Jonas Kofi Lena Luca Maria Mei Mohamed Nadia Noah Olga Omar Pablo Priya Rosa Samuel Sofia Tariq Teresa Viktor Yuki
   Zoe`,
);

/** Last names of people. */
export const lastNames: readonly string[] = words(
  `Abebe Ahmed Andersen Bauer Bianchi Brown Costa Diaz Dubois Evans Fischer Garcia Haddad Hansen Ito Jansen Kaya Kim
   Kowalski Kumar Larsen Lopez Martin Mensah Moreau Nguyen Novak Okafor Olsen Patel Petrov Rossi Santos Schmidt Silva
   Singh Smith Tanaka Walker Wang`,
);

/** What people do. */
export const occupations: readonly string[] = list(
  `Accountant, Actor, Architect, Baker, Beekeeper, Bookbinder, Bus driver, Carpenter, Chemist, Civil engineer, Cook,
   Dentist, Economist, Electrician, Farmer, Firefighter, Florist, Geologist, Glazier, Hairdresser, Interpreter,
   Journalist, Judge, Librarian, Locksmith, Mathematician, Mechanic, Midwife, Miner, Musician, Nurse, Optician, Painter,
   Pharmacist, Photographer, Pilot, Plumber, Programmer, Teacher, Translator`,
);

/** Streets, without a number. */
export const streets: readonly string[] = list(
  `Bridge Road, Canal Street, Castle Lane, Cedar Avenue, Chapel Street, Church Road, Elm Street, Factory Lane,
   Garden Row, Harbour Street, High Street, Hill Road, Lake Drive, Market Square, Meadow Lane, Mill Road, Oak Avenue,
   Orchard Way, Park Street, Quarry Road, River Walk, School Lane, Spring Gardens, Station Road, Tower Street,
   Willow Way`,
);

/** Cities. */
export const cities: readonly string[] = list(
  `Accra, Ankara, Athens, Bergen, Bogota, Bologna, Brno, Busan, Chennai, Cork, Dakar, Durban, Gdansk, Geneva, Ghent,
   Graz, Hanoi, Izmir, Kyoto, Leeds, Lima, Lyon, Malaga, Nairobi, Oslo, Porto, Quito, Recife, Riga, Turin`,
);

function words(text: string): string[] {
  return text.split(/\s+/);
}

function list(text: string): string[] {
  return text.split(/,\s+/);
}
