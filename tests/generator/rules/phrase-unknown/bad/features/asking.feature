Feature: F

  Scenario: S
    * the shop is open
