Feature: Asking

  Scenario: One question
    Given the shop is open
    Whenever somebody asks
    Then it is answered
