// What is done to many applications goes on by itself, a parcel at a time; without script a button does it.
document.querySelector("[data-academy-parcels]")?.requestSubmit();
