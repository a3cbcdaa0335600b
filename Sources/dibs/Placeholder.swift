// // placeholder
