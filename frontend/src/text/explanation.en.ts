/** What stands beside the form, in English: what will happen, and where the pictures go. */

export const explanationEn = {
  explainTitle: "What will happen",
  explainPoses: "You look to each side and straight into the camera.",
  explainPrompts: "You follow three short prompts like these. They are drawn anew each time.",
  explainReview: "You look the pictures over before they are sent.",
  explainEnrolCheck: "The service checks that you are there in person.",
  explainCheck: "The service checks that you are there in person, and that it is your face.",
  explainEnrolled: "From then on you sign in with your face.",
  explainSignedIn: "You are signed in.",
  explainPictures: "Where your pictures go",
  explainNobody: "To this service, and to nobody else.",
  explainForgotten: "They are looked at and not kept.",
  explainDescription: "They are not kept. An encrypted description of your face is.",
  explainImages: (days: number) =>
    `An encrypted description of your face is kept, and one small picture, encrypted, for ${days} days.`,
  explainBrowser: "Nothing of them stays in this browser.",
};
